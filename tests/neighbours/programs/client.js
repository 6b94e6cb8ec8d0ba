// What Node makes of names: each argument is `host:NAME` (dns.lookup), `v4:NAME` (dns.resolve4) or `srv:NAME`.
const dns = require("node:dns").promises;

const ASK = {
  host: async (name) => (await dns.lookup(name, { all: true, verbatim: true })).map((found) => found.address),
  v4: (name) => dns.resolve4(name),
  srv: async (name) => (await dns.resolveSrv(name)).map((found) => `${found.port}:${found.name}`),
};

(async () => {
  for (const question of process.argv.slice(2)) {
    const [kind, name] = question.split(":");
    const found = await ASK[kind](name).catch((error) => [error.code]);
    console.log([question, ...found].join("\t"));
  }
})();
