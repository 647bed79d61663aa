// PostGraphile 5 on the schema of the peers, with as many connections as an instance of the exchange has.
import { makePgService } from "postgraphile/adaptors/pg";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";

export default {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      connectionString: process.env.DATABASE_URL,
      schemas: ["peers"],
      poolConfig: { max: 20 },
    }),
  ],
  grafserv: { host: "127.0.0.1", port: Number(process.env.PORT), watch: false },
  grafast: { explain: false },
};
