# Rows of CSV and TSV, as jq has them.
def _cell(text): if type == "string" then text elif . == null then ""
  elif type == "array" or type == "object" then error("a row holds no arrays and no objects")
  else tostring end;
def @csv: [.[] | _cell("\"" + gsub("\""; "\"\"") + "\"")] | join(",");
def @tsv: [.[] | _cell(gsub("\\\\"; "\\\\") | gsub("\t"; "\\t") | gsub("\n"; "\\n") | gsub("\r"; "\\r"))] | join("\t");
