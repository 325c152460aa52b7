// A runtime in a process of its own, which is measured from outside.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import workerd from "workerd";

/** Nanoseconds of a clock tick, the unit in which Linux counts CPU time. */
const TICK = 1e9 / 100;

const serve = fileURLToPath(new URL("serve.mjs", import.meta.url));

const commands = {
  workerd: (folder) => [workerd.default, ["serve", join(folder, "config.capnp"), "--control-fd=3"]],
  node: (folder) => [process.execPath, [serve, join(folder, "node.mjs")]],
};

export const runtimes = Object.keys(commands);

export class Runtime {
  /** Starts a runtime, and waits until it listens. */
  static start(runtime, folder) {
    const [command, args] = commands[runtime](folder);
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "inherit", "pipe"] });
    return new Promise((resolve, reject) => {
      child.on("exit", (code) => reject(new Error(`${runtime} ended with ${code}`)));
      child.stdout.once("data", (line) => resolve(new Runtime(child, Number(line))));
      child.stdio[3].once("data", (line) => resolve(new Runtime(child, JSON.parse(String(line).split("\n")[0]).port)));
    });
  }

  constructor(child, port) {
    this.child = child;
    this.port = port;
    this.agent = new Agent({ keepAlive: true, maxSockets: 1 });
  }

  /** Sends a request to the Worker, and returns its answer. */
  ask(path) {
    return new Promise((resolve, reject) => {
      get({ host: "127.0.0.1", port: this.port, path, agent: this.agent }, (response) => {
        let text = "";
        response.setEncoding("utf8").on("data", (part) => (text += part)).on("error", reject);
        response.on("end", () => (response.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text))));
      }).on("error", reject);
    });
  }

  /** Returns the nanoseconds of CPU time that all threads have used so far. */
  cpu() {
    const fields = readFileSync(`/proc/${this.child.pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
    return (Number(fields[11]) + Number(fields[12])) * TICK;
  }

  stop() {
    this.agent.destroy();
    this.child.removeAllListeners("exit");
    this.child.kill("SIGKILL");
  }
}
