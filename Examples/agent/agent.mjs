#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// A small agent to start from: follows what happens to the shops' Instagram accounts, and sends a direct message.
//
//     node agent.mjs --key-file agent-key --position position [--to IGSID --text Hello] [--once]
//
// With --to, every account that is connected sends one message to that Instagram user; a real agent answers webhooks.
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    base: { type: "string", default: "http://127.0.0.1:9180" }, // the private routes of IG Shop Auth
    "key-file": { type: "string" }, // else the variable IG_AGENT_KEY
    position: { type: "string", default: "position" }, // a file that remembers the last event
    graph: { type: "string", default: "https://graph.instagram.com" },
    version: { type: "string", default: "v25.0" },
    to: { type: "string" },
    text: { type: "string", default: "Hello" },
    all: { type: "boolean", default: false }, // without a position, begins at the oldest event that is kept
    once: { type: "boolean", default: false }, // ends when something has happened
  },
});
const file = options["key-file"];
const key = (file ? readFileSync(file, "utf8") : (process.env.IG_AGENT_KEY ?? "")).trim();
const say = (text) => console.log(text);

/** Status, header fields and JSON of an answer; throws where there is none. */
async function request(url, secret, body) {
  const answer = await fetch(url, {
    method: body ? "POST" : "GET",
    headers: { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" },
    body: body && JSON.stringify(body),
    redirect: "error", // a secret goes where it was meant to go
    signal: AbortSignal.timeout(40_000),
  });
  const text = await answer.text();
  let json;
  try {
    json = JSON.parse(text);
  } catch {}
  return { status: answer.status, headers: answer.headers, json: Object(json) === json ? json : {} };
}

/** Waits as long as the answer asks for, else between half of these seconds and all of them. */
function pause(headers, seconds) {
  const asked = headers?.get("retry-after") ?? "";
  const wait = /^\d+$/.test(asked) ? Math.min(Number(asked), 600) : seconds * (0.5 + Math.random() / 2);
  return sleep(wait * 1000);
}

/** Asks IG Shop Auth until it answers: each of its routes may be asked again. */
async function service(path, body) {
  for (let seconds = 1; ; seconds = Math.min(seconds * 2, 60)) {
    const answer = await request(`${options.base}/agent/v1/${path}`, key, body).catch(() => undefined);
    if (answer?.status === 401) throw new Error("the agent key is not known");
    if (answer && ![429, 502, 503, 504].includes(answer.status)) return answer;
    say(`waiting: ${answer?.status ?? "no answer"}`);
    await pause(answer?.headers, seconds);
  }
}

function position() {
  try {
    return readFileSync(options.position, "utf8");
  } catch (failure) {
    if (failure.code === "ENOENT") return undefined;
    throw failure;
  }
}

function keep(number) {
  writeFileSync(options.position + ".new", String(number));
  renameSync(options.position + ".new", options.position);
}

async function act(event) {
  say(`${event.type}: ${event.user}`);
  if (event.type === "connected" && options.to) await send(event.user, options.to, options.text);
}

/** Events were missed: the state of every user, as it is now. */
async function readAll() {
  for (let after = ""; after !== null; ) {
    const { status, json: page } = await service("users" + (after && `?after=${encodeURIComponent(after)}`));
    if (status !== 200) throw new Error(`users: ${status} ${page.error}`);
    for (const user of page.users) say(`${user.state}: ${user.user}`);
    after = page.next;
  }
}

async function send(user, to, text) {
  const path = `users/${encodeURIComponent(user)}/token`;
  const message = { recipient: { id: to }, message: { text } };
  for (let attempt = 0; attempt < 3; attempt++) {
    const { status, json: token } = await service(`${path}?min_valid_for=3600`);
    if (status !== 200) return say(`no token: ${user}: ${token.reason ?? token.error} ${token.connect_url ?? ""}`);
    const url = `${options.graph}/${options.version}/me/messages`;
    const answer = await request(url, token.access_token, message).catch(() => undefined);
    if (!answer) return say(`unsure: ${user}: no answer; it may have arrived, so it is not sent again`);
    const error = answer.json.error ?? {};
    if (answer.status === 200) return say(`sent: ${user}: ${answer.json.message_id}`);
    if (answer.status === 429) {
      await pause(answer.headers, 2 ** attempt); // refused before anything was done
    } else if (answer.status === 401 || error.code === 190) {
      const { json: told } = await service(`${path}/refused`, { token_id: token.token_id });
      say(`refused: ${user}: ${told.verdict}, ${told.state}`);
      if (told.verdict !== "superseded") return; // else a newer token is there; it is worth another try
    } else if (answer.status >= 500) {
      return say(`unsure: ${user}: ${answer.status}; it may have arrived, so it is not sent again`);
    } else {
      return say(`not sent: ${user}: ${answer.status}, code ${error.code}/${error.error_subcode}`);
    }
  }
  say(`not sent: ${user}: given up`);
}

/** A first start: what happened before it is not for this agent. */
async function skip() {
  for (let after; ; ) {
    const { status, json } = await service(`events${after === undefined ? "" : `?after=${after}`}`);
    if (status !== 200) throw new Error(`events: ${status} ${json.error}`);
    if (json.next === after) return keep(after); // from here on nothing is skipped
    after = json.next;
  }
}

if (position() === undefined && !options.all) await skip();
for (let isOver = false; !isOver; ) {
  const after = position();
  const began = Date.now();
  const { status, json } = await service(`events?${after === undefined ? "" : `after=${after}&`}wait=20`);
  if (status === 410) await readAll();
  else if (status !== 200) throw new Error(`events: ${status} ${json.error}`);
  for (const event of json.events ?? []) {
    keep(event.seq); // before acting: after a crash a message is missed, and never sent twice
    await act(event);
  }
  keep(json.next);
  if (status === 200 && json.events.length === 0 && Date.now() - began < 1000) {
    await pause(undefined, 2); // nobody may wait there just now
  }
  isOver = options.once && (status === 410 || json.events.length > 0);
}
