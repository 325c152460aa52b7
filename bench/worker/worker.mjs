// The Worker around each contestant. It opens the contestant on the first request, and then
// makes as many decisions as each request asks for. A Worker's clock stands still while it
// computes, so the time is measured outside.
import Contestant from "contestant";
import { config, keys, requests } from "stage";

let opening;

async function open() {
  const contestant = Object.assign(new Contestant(), { config, keys, requests, index: new Map(keys.map((key, i) => [key, i])) });
  await contestant.open();
  return contestant;
}

/** Decides so many times, for all users in turn, and checks that every call decides. */
function decide(decideOne, times) {
  let given = 0;
  for (let i = 0; i < times; i++) if (decideOne(i % requests.length)) given++;
  if (given !== times) throw new Error(`${given} of ${times} were decided`);
  return given;
}

export async function answer(url) {
  const { pathname, searchParams } = new URL(url);
  const contestant = await (opening ??= open());
  const times = Number(searchParams.get("times"));
  switch (pathname) {
    case "/one": return decide((i) => contestant.one(i), times);
    case "/all": return decide((i) => contestant.all(i), times);
    case "/matches": return requests.map((_, i) => contestant.matches(i));
  }
  throw new Error(`unknown path ${pathname}`);
}

export default {
  async fetch(request) {
    try {
      return Response.json(await answer(request.url));
    } catch (error) {
      return new Response(error.stack, { status: 500 });
    }
  },
};
