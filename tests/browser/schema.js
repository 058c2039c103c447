// Writes a program that tsc checks: the dashboard as a literal of the type that Grafana gives dashboards. Enumerations become
// the words and numbers that they stand for, as JSON has those.
// schema.js TYPES DASHBOARD OUTPUT
"use strict";
const fs = require("fs");
const [types, dashboard, output] = process.argv.slice(2);
const members = {};
let text = fs.readFileSync(types, "utf8").replace(/export declare enum (\w+) \{([^}]*)\}/g, (_, name, body) => {
  const values = [...body.matchAll(/(\w+)\s*=\s*("[^"]*"|-?\d+)/g)];
  for (const [, member, value] of values) members[`${name}.${member}`] = value;
  return `export type ${name} = ${values.map((m) => m[2]).join(" | ")};`;
});
text = text.replace(/\b[A-Z]\w+\.[A-Z]\w+\b/g, (word) => members[word] ?? word);
fs.writeFileSync(output, `${text}\nconst checked: Dashboard = ${fs.readFileSync(dashboard, "utf8")};\n`);
