// Shows recorded exchanges to the validating proxy Stoplight Prism, one after the other.
//
//   node validate.js FOLDER DOCUMENT... < exchanges.ndjson > findings.ndjson
//
// FOLDER holds node_modules with @stoplight/prism-http; a DOCUMENT is an OpenAPI file. This is what
// `prism proxy` does with a request, except that the answer comes from the record instead of a
// socket, that no more than one process is needed for all documents, and that every violation is
// told (the header sl-violations holds 8 KB) together with the operation that it belongs to.
//
// A line that comes in is what the sandbox records, with `document` (the path of the file) and
// `path` (the target without what the base URL ends with) added. A line that goes out is
// {operation, violations: [{part, at, code, message}]}; operation is null when the document has none.
//
// Prism lets two things pass that the services do not take, so they are added to the documents:
// HighLevel refuses a member of a body that the schema lacks (its docs repository, issue 262), and
// query parameters that are not declared.

'use strict';

const fs = require('fs');
const path = require('path');
const { createRequire } = require('module');

const [folder, ...documents] = process.argv.slice(2);
const from = createRequire(path.resolve(folder, 'node_modules/@stoplight/prism-http/package.json'));
const { createInstance, getHttpOperationsFromSpec } = from('@stoplight/prism-http');
const { default: route } = from('@stoplight/prism-http/dist/router');
const TE = from('fp-ts/TaskEither');

const silent = () => {};
const logger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent, success: silent };
logger.child = () => logger;

/** The answer of the exchange at hand, and the operation that Prism takes it for, if any. */
let answer;
let resource;
const components = {
  logger,
  route: (request) => {
    const found = route(request);
    resource = found._tag === 'Right' ? found.right : undefined;
    return found;
  },
  // Where the proxy would ask the service.
  forward: () => () => TE.right(answer),
};
const prism = createInstance(
  {
    isProxy: true,
    upstream: new URL('http://recorded.invalid'),
    checkSecurity: true,
    validateRequest: true,
    validateResponse: true,
    errors: false,
    mock: { dynamic: false },
  },
  components,
);

/** Follows references, so that the schemas of bodies can be changed without those of answers. */
function resolved(document, value) {
  if (Array.isArray(value)) return value.map((item) => resolved(document, item));
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.$ref === 'string') {
    const found = value.$ref.slice(2).split('/').reduce((at, key) => at[key.replace(/~1/g, '/').replace(/~0/g, '~')], document);
    return resolved(document, found);
  }
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, resolved(document, member)]));
}

/** Lets objects have no members but those that are declared. */
function close(schema) {
  if (Array.isArray(schema)) return schema.forEach(close);
  if (schema === null || typeof schema !== 'object') return;
  const mixed = ['allOf', 'anyOf', 'oneOf'].some((key) => key in schema);
  if (schema.properties && !mixed && !('additionalProperties' in schema)) schema.additionalProperties = false;
  Object.values(schema).forEach(close);
}

async function load(file) {
  const document = JSON.parse(fs.readFileSync(file, 'utf8'));
  for (const operations of Object.values(document.paths)) {
    for (const operation of Object.values(operations)) {
      if (!operation.requestBody) continue;
      operation.requestBody = resolved(document, operation.requestBody);
      for (const content of Object.values(operation.requestBody.content)) close(content.schema);
    }
  }
  return getHttpOperationsFromSpec(document);
}

/** A body as Prism reads it; one that is said to be JSON and is not stays a text, which is no object. */
function decoded(text, type) {
  if (!/^application\/([a-z.-]+\+)?json\b/.test(type || '')) return text;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** What kind of JSON a value is. */
function kind(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

/** A violation in words that do not depend on the values: which member, what it is instead. */
function told(part, found, body) {
  const at = (found.path || []).map(String);
  let code = String(found.code || 'status');
  // Prism names the member in its message only.
  const member = /(?:found|required property) '(.*)'$/.exec(found.message);
  if (member) at.push(member[1]);
  if (code === 'type' && at[0] === 'body') {
    const value = at.slice(1).reduce((within, key) => within[key], body);
    code = `type ${kind(value)}`;
  }
  return { part, at, code, message: found.message };
}

async function ask(operations, exchange) {
  const url = new URL(exchange.path, 'http://recorded.invalid');
  const query = {};
  for (const name of url.searchParams.keys()) {
    const values = url.searchParams.getAll(name);
    query[name] = values.length === 1 ? values[0] : values;
  }
  const { headers } = exchange;
  answer = {
    statusCode: exchange.status,
    headers: exchange.answer_headers,
    body: decoded(exchange.answer, exchange.answer_headers['content-type']),
  };
  const input = {
    method: exchange.method.toLowerCase(),
    url: { path: url.pathname, query },
    headers,
    body: exchange.body === '' ? null : decoded(exchange.body, headers['content-type']),
  };
  const operation = () => (resource ? `${resource.method.toUpperCase()} ${resource.path}` : null);
  let checked;
  try {
    checked = await prism.request(input, operations)();
    if (checked._tag === 'Left') throw checked.left;
  } catch (error) {
    // What Prism itself cannot read it cannot judge either: that has to be seen.
    const found = { code: 'prism', message: String(error.message || error) };
    return { operation: operation(), violations: [told('request', found)] };
  }
  if (!resource) return { operation: null, violations: [] };
  const { validations } = checked.right;
  const declared = ((resource.request || {}).query || []).map((parameter) => parameter.name);
  const undeclared = Object.keys(query).filter((name) => !declared.includes(name));
  return {
    operation: operation(),
    violations: [
      ...validations.input.map((found) => told('request', found, input.body)),
      ...undeclared.map((name) => told('request', { path: ['query', name], code: 'undeclared', message: 'is not declared' })),
      ...validations.output.map((found) => told('answer', found, answer.body)),
    ],
  };
}

/** Prism lets everything pass where it cannot use a schema: nonsense has to be noticed everywhere. */
async function prove(file, operations) {
  for (const operation of operations) {
    const exchange = {
      path: operation.path.replace(/\{[^}]*\}/g, 'x'),
      method: operation.method,
      headers: { 'content-type': 'application/json', 'content-length': '1' },
      body: '7',
      answer: '7',
      answer_headers: { 'content-type': 'application/json' },
    };
    const noticed = (violations, part) => violations.some((found) => found.part === part && found.at[0] === 'body');
    const typed = (contents) => (contents || []).some(({ mediaType, schema }) => mediaType === 'application/json' && schema && schema.type);
    for (const response of operation.responses) {
      const { violations } = await ask([operation], { ...exchange, status: Number(response.code) });
      const name = `${file}: ${operation.method} ${operation.path} ${response.code}`;
      if (typed(response.contents) && !noticed(violations, 'answer')) throw new Error(`${name}: any answer would pass`);
      const { body } = operation.request || {};
      if (body && typed(body.contents) && !noticed(violations, 'request')) throw new Error(`${name}: any request would pass`);
    }
  }
}

async function main() {
  const known = new Map();
  for (const file of documents) {
    const operations = await load(file);
    await prove(file, operations);
    known.set(file, operations);
  }
  const lines = fs.readFileSync(0, 'utf8').split('\n').filter(Boolean);
  for (const line of lines) {
    const exchange = JSON.parse(line);
    const finding = await ask(known.get(exchange.document), exchange);
    process.stdout.write(`${JSON.stringify(finding)}\n`);
  }
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
