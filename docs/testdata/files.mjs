// Serves the files of a directory at an address, as a web server in front of a bucket does:
//
//	node files.mjs DIRECTORY HOST:PORT

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { join, normalize } from "node:path";

const [directory, address] = process.argv.slice(2);
const [host, port] = address.split(":");
createServer(async (request, response) => {
  try {
    response.end(await readFile(join(directory, normalize(new URL(request.url, "http://localhost").pathname))));
  } catch {
    response.writeHead(404).end();
  }
}).listen(Number(port), host);
