// A real exchange on a free port of 127.0.0.1, which can be killed and restarted on the same database, and the built front end in
// front of it, both on one origin.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { preview } from "vite";

const root = resolve(import.meta.dirname, "../../..");
const program = process.env.EXCHANGE_BINARY ?? join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "debug/api");

export class Exchange {
  /** The password of all people of the demo. */
  password = "";
  #directory;
  #process;

  constructor(directory) {
    this.#directory = directory;
  }

  /** Starts the program and returns its URL once it prints it. With port 0 it uses a free one. */
  async start(port = "0", ...options) {
    const settings = { PATH: process.env.PATH, PORT: port, DATABASE_URL: "sqlite://exchange.db?mode=rwc" };
    const child = spawn(program, options, { cwd: this.#directory, env: settings, stdio: ["ignore", "pipe", "pipe"] });
    this.#process = child;
    let output = "";
    return new Promise((found, failed) => {
      child.once("error", failed);
      child.once("exit", (code) => failed(new Error(`the program ended with ${code}: ${output}`)));
      const read = (text) => {
        output += text;
        this.password ||= /The password of all three is (\S+)/.exec(output)?.[1] ?? "";
        const open = /open at (http:\S+)/.exec(output);
        if (open) found(open[1]);
      };
      child.stdout.on("data", read);
      child.stderr.on("data", read);
    });
  }

  /** Kills it, without notice to its clients. */
  async kill() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGKILL");
    await ended;
  }
}

/** Serves dist in front of the exchange at this URL. Returns the server and the URL of the front end. */
export async function serve(exchange) {
  process.env.EXCHANGE_URL = exchange;
  const server = await preview({
    root: resolve(import.meta.dirname, ".."),
    logLevel: "silent",
    preview: { host: "127.0.0.1", port: 0 },
  });
  return [server, server.resolvedUrls.local[0]];
}
