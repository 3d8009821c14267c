// Calls the client of lib.rs, over a transport that is a function.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { greet } = createRequire(import.meta.url)(process.argv[2]);

// The message that comes is the one that goes.
const echo = async (path, request) => {
  assert.equal(path, '/wasm.Greeter/Greet');
  return request;
};
assert.equal(await greet(echo, 'hello', 60_000), 'hello');

const never = () => new Promise(() => {});
const began = Date.now();
assert.equal(await greet(never, 'hello', 50), 'DeadlineExceeded: deadline exceeded');
const took = Date.now() - began;
assert.ok(took >= 49 && took < 10_000, `it took ${took} ms`);

const fails = async () => { throw new Error('no network'); };
assert.match(await greet(fails, 'hello', 60_000), /^Unavailable: .*no network/s);

console.log('a client in JavaScript: an answer, a deadline, a failure');
