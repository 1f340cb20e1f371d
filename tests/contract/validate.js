// Shows recorded exchanges to the validating proxy Stoplight Prism, one after the other.
//
//   node validate.js FOLDER DOCUMENT... < exchanges.ndjson > findings.ndjson
//
// FOLDER holds node_modules with @stoplight/prism-cli; a DOCUMENT is an OpenAPI file. This is what
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
const from = createRequire(path.resolve(folder, 'node_modules/@stoplight/prism-cli/package.json'));
const { createInstance, getHttpOperationsFromSpec } = from('@stoplight/prism-http');
const TE = from('fp-ts/TaskEither');

const silent = () => {};
const logger = { trace: silent, debug: silent, info: silent, warn: silent, error: silent, fatal: silent, success: silent };
logger.child = () => logger;

/** The answer of the exchange at hand, and the operation that Prism takes it for, if any. */
let answer;
let resource;
/** Stands where the proxy would ask the service. */
const forward = (_input, _upstream, _proxy, operation) => () => {
  resource = operation;
  return TE.right(answer);
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
  { logger, forward },
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

function decoded(text, type) {
  return /^application\/([a-z.-]+\+)?json\b/.test(type || '') ? JSON.parse(text) : text;
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
  let told;
  try {
    told = await prism.request(input, operations)();
    if (told._tag === 'Left') throw told.left;
  } catch (error) {
    // What Prism itself cannot read it cannot judge either: that has to be seen.
    const found = { part: 'request', at: [], code: 'prism', message: String(error.message || error) };
    return { operation: null, violations: [found] };
  }
  if (!resource) return { operation: null, violations: [] };
  const { validations } = told.right;
  const violations = [];
  for (const part of ['input', 'output']) {
    for (const found of validations[part]) {
      violations.push({
        part: part === 'input' ? 'request' : 'answer',
        at: (found.path || []).map(String),
        code: String(found.code || 'status'),
        message: found.message,
      });
    }
  }
  const declared = ((resource.request || {}).query || []).map((parameter) => parameter.name);
  for (const name of Object.keys(query)) {
    if (declared.includes(name)) continue;
    violations.push({ part: 'request', at: ['query', name], code: 'undeclared', message: `query parameter ${name} is not declared` });
  }
  return { operation: `${resource.method.toUpperCase()} ${resource.path}`, violations };
}

async function main() {
  const known = new Map();
  for (const file of documents) known.set(file, await load(file));
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
