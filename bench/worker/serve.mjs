// Serves a Worker in Node, and prints the port. The argument is the file of its bundle.
import { createServer } from "node:http";
import { pathToFileURL } from "node:url";

const { default: worker } = await import(pathToFileURL(process.argv[2]));
const server = createServer(async ({ url }, outgoing) => {
  const response = await worker.fetch(new Request(`http://127.0.0.1${url}`));
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(await response.text());
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
