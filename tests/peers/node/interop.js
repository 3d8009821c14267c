// gRPC's official interop cases on grpc-js: a server and a client.
//
//     node interop.js server [--port=0]
//         prints where it listens, and ends when its input ends
//     node interop.js client --server_port=PORT --test_case=CASE[,CASE...]
//         prints how each case ended; exit code 1 if one failed
//
// NODE_PATH says where grpc-js is.
//
// grpc-js does not show whether a message came compressed. Its client cannot compress one message of
// a stream and not the next, and its server compresses none. So the server ignores what it is asked
// of that, and the client lacks the cases that need it.
'use strict';

const assert = require('node:assert');
const path = require('node:path');
const { parseArgs } = require('node:util');
const { setTimeout: sleep } = require('node:timers/promises');
const grpc = require('@grpc/grpc-js');
const { loadSync } = require('@grpc/proto-loader');

const INITIAL = 'x-grpc-test-echo-initial';
const TRAILING = 'x-grpc-test-echo-trailing-bin';
// In milliseconds; longer than a call takes, so that none waits without end.
const PATIENCE = 20_000;
const { status } = grpc;

const { values: flags, positionals: [role] } = parseArgs({
  allowPositionals: true,
  options: {
    port: { type: 'string', default: '0' },
    server_host: { type: 'string', default: '127.0.0.1' },
    server_port: { type: 'string' },
    test_case: { type: 'string', default: 'large_unary' },
  },
});
const definitions = loadSync('grpc/testing/test.proto', {
  includeDirs: [path.join(__dirname, '../../interop/proto')],
  defaults: true,
});
const { TestService, UnimplementedService } = grpc.loadPackageDefinition(definitions).grpc.testing;

const zeros = (size) => ({ body: Buffer.alloc(size) });

// The server.

const ID = `node-${process.pid}`;

function begin(call) {
  const [initial] = call.metadata.get(INITIAL);
  if (initial !== undefined) {
    const headers = new grpc.Metadata();
    headers.set(INITIAL, initial);
    call.sendMetadata(headers);
  }
  const trailers = new grpc.Metadata();
  const [trailing] = call.metadata.get(TRAILING);
  if (trailing !== undefined) trailers.set(TRAILING, trailing);
  return trailers;
}

function refusal({ responseStatus: asked }) {
  return asked?.code ? { code: asked.code, details: asked.message } : undefined;
}

async function answer(call, request) {
  for (const { size, intervalUs } of request.responseParameters) {
    if (intervalUs > 0) await sleep(intervalUs / 1000);
    call.write({ payload: zeros(size) });
  }
}

const implementation = {
  EmptyCall(call, done) {
    done(null, {}, begin(call));
  },
  UnaryCall(call, done) {
    const trailers = begin(call);
    const { responseSize, fillServerId } = call.request;
    const response = { payload: zeros(responseSize), serverId: fillServerId ? ID : '' };
    done(refusal(call.request) ?? null, response, trailers);
  },
  async StreamingOutputCall(call) {
    const trailers = begin(call);
    await answer(call, call.request);
    call.end(trailers);
  },
  StreamingInputCall(call, done) {
    const trailers = begin(call);
    let aggregatedPayloadSize = 0;
    call.on('data', ({ payload }) => (aggregatedPayloadSize += payload?.body.length ?? 0));
    call.on('end', () => done(null, { aggregatedPayloadSize }, trailers));
  },
  FullDuplexCall(call) {
    const trailers = begin(call);
    // One after the other, as they come.
    let turn = Promise.resolve();
    const then = (next) => (turn = turn.then(next));
    call.on('data', (request) =>
      then(async () => {
        const refused = refusal(request);
        if (refused) call.emit('error', refused);
        else await answer(call, request);
      }),
    );
    call.on('end', () => then(() => call.end(trailers)));
  },
  HalfDuplexCall(call) {
    const trailers = begin(call);
    const requests = [];
    call.on('data', (request) => requests.push(request));
    call.on('end', async () => {
      for (const request of requests) await answer(call, request);
      call.end(trailers);
    });
  },
};

function serve() {
  const server = new grpc.Server();
  server.addService(TestService.service, implementation);
  const credentials = grpc.ServerCredentials.createInsecure();
  server.bindAsync(`127.0.0.1:${flags.port}`, credentials, (error, port) => {
    if (error) throw error;
    console.log(`127.0.0.1:${port}`);
  });
  process.stdin.on('end', () => process.exit()).resume();
}

// The client.

/** A client on a connection of its own, for one use. */
async function connected(Service, use, options = {}) {
  const address = `${flags.server_host}:${flags.server_port}`;
  const credentials = grpc.credentials.createInsecure();
  const own = { 'grpc.use_local_subchannel_pool': 1, ...options };
  const client = new Service(address, credentials, own);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

const within = (deadline = PATIENCE) => ({ deadline: Date.now() + deadline });

/** Connects, for a case that is about a call alone. */
function ready(client) {
  return new Promise((resolve, reject) =>
    client.waitForReady(within().deadline, (error) => (error ? reject(error) : resolve())),
  );
}

/** The answer of one message, with both kinds of metadata. */
function unary(client, method, request, metadata = new grpc.Metadata()) {
  return new Promise((resolve, reject) => {
    const found = {};
    const settle = () => 'answer' in found && 'trailing' in found && resolve(found);
    const call = client[method](request, metadata, within(), (error, answer) => {
      if (error) return reject(error);
      found.answer = answer;
      settle();
    });
    call.on('metadata', (initial) => (found.initial = initial));
    call.on('status', ({ metadata: trailing }) => {
      found.trailing = trailing;
      settle();
    });
  });
}

/** All answers of a stream. */
async function all(call) {
  const answers = [];
  for await (const answer of call) answers.push(answer);
  return answers;
}

async function fails(code, call) {
  try {
    await call;
  } catch (error) {
    assert.strictEqual(status[error.code], status[code]);
    return error;
  }
  throw new Error(`the call went well, and did not fail with ${status[code]}`);
}

function sized({ payload }, size) {
  assert(payload?.body.equals(Buffer.alloc(size)), `the payload is not ${size} zeros`);
}

const large = (more) => ({ responseSize: 314159, payload: zeros(271828), ...more });
const ask = (...sizes) => ({ responseParameters: sizes.map((size) => ({ size })) });
const exchange = (asked, sent) => ({ ...ask(asked), payload: zeros(sent) });

const cases = {
  async empty_unary(client) {
    assert.deepStrictEqual((await unary(client, 'EmptyCall', {})).answer, {});
  },
  async large_unary(client) {
    sized((await unary(client, 'UnaryCall', large())).answer, 314159);
  },
  async client_compressed_unary(client) {
    const expecting = (value) => large({ expectCompressed: { value } });
    await fails(status.INVALID_ARGUMENT, unary(client, 'UnaryCall', expecting(true)));
    const gzip = {
      'grpc.default_compression_algorithm': grpc.compressionAlgorithms.gzip,
    };
    const call = (client) => unary(client, 'UnaryCall', expecting(true));
    sized((await connected(TestService, call, gzip)).answer, 314159);
    sized((await unary(client, 'UnaryCall', expecting(false))).answer, 314159);
  },
  async client_streaming(client) {
    const size = await new Promise((resolve, reject) => {
      const call = client.StreamingInputCall(within(), (error, answer) =>
        error ? reject(error) : resolve(answer.aggregatedPayloadSize),
      );
      for (const size of [27182, 8, 1828, 45904]) call.write({ payload: zeros(size) });
      call.end();
    });
    assert.strictEqual(size, 74922);
  },
  async server_streaming(client) {
    const sizes = [31415, 9, 2653, 58979];
    const answers = await all(client.StreamingOutputCall(ask(...sizes), within()));
    assert.strictEqual(answers.length, sizes.length);
    sizes.forEach((size, at) => sized(answers[at], size));
  },
  async ping_pong(client) {
    const call = client.FullDuplexCall(within());
    const answers = call[Symbol.asyncIterator]();
    for (const [asked, sent] of [[31415, 27182], [9, 8], [2653, 1828], [58979, 45904]]) {
      call.write(exchange(asked, sent));
      const { done, value } = await answers.next();
      assert(!done, 'the stream ended early');
      sized(value, asked);
    }
    call.end();
    assert((await answers.next()).done, 'there is a message too many');
  },
  async empty_stream(client) {
    const call = client.FullDuplexCall(within());
    call.end();
    assert.deepStrictEqual(await all(call), []);
  },
  async custom_metadata(client) {
    const metadata = new grpc.Metadata();
    const [initial, trailing] = ['test_initial_metadata_value', Buffer.from('ababab', 'hex')];
    metadata.set(INITIAL, initial);
    metadata.set(TRAILING, trailing);
    const check = (found) => {
      assert.deepStrictEqual(found.initial?.get(INITIAL), [initial]);
      assert.deepStrictEqual(found.trailing.get(TRAILING), [trailing]);
    };

    const found = await unary(client, 'UnaryCall', large(), metadata);
    sized(found.answer, 314159);
    check(found);

    const call = client.FullDuplexCall(metadata, within());
    const streamed = {};
    call.on('metadata', (initial) => (streamed.initial = initial));
    const ended = new Promise((resolve) => call.on('status', resolve));
    call.write(exchange(314159, 271828));
    call.end();
    const answers = await all(call);
    assert.strictEqual(answers.length, 1);
    sized(answers[0], 314159);
    streamed.trailing = (await ended).metadata;
    check(streamed);
  },
  async status_code_and_message(client) {
    const responseStatus = { code: status.UNKNOWN, message: 'test status message' };
    const one = await fails(status.UNKNOWN, unary(client, 'UnaryCall', { responseStatus }));
    assert.strictEqual(one.details, responseStatus.message);

    const call = client.FullDuplexCall(within());
    call.write({ responseStatus });
    call.end();
    const many = await fails(status.UNKNOWN, all(call));
    assert.strictEqual(many.details, responseStatus.message);
  },
  async special_status_message(client) {
    const message = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n';
    const request = { responseStatus: { code: status.UNKNOWN, message } };
    const error = await fails(status.UNKNOWN, unary(client, 'UnaryCall', request));
    assert.strictEqual(error.details, message);
  },
  async unimplemented_method(client) {
    await fails(status.UNIMPLEMENTED, unary(client, 'UnimplementedCall', {}));
  },
  async unimplemented_service() {
    await connected(UnimplementedService, cases.unimplemented_method);
  },
  async cancel_after_begin(client) {
    await ready(client);
    const failing = new Promise((resolve, reject) => {
      const done = (error) => (error ? reject(error) : resolve());
      client.StreamingInputCall(within(), done).cancel();
    });
    await fails(status.CANCELLED, failing);
  },
  async cancel_after_first_response(client) {
    const call = client.FullDuplexCall(within());
    const answers = call[Symbol.asyncIterator]();
    call.write(exchange(31415, 27182));
    sized((await answers.next()).value, 31415);
    call.cancel();
    await fails(status.CANCELLED, answers.next());
  },
  async timeout_on_sleeping_server(client) {
    await ready(client);
    const call = client.FullDuplexCall(within(1));
    call.write({ ...ask(), payload: zeros(27182) });
    await fails(status.DEADLINE_EXCEEDED, all(call));
  },
  async pick_first_unary(client) {
    const request = { responseSize: 1, payload: zeros(1), fillServerId: true };
    const ids = new Set();
    for (let i = 0; i < 100; i++) {
      const { answer } = await unary(client, 'UnaryCall', request);
      ids.add(answer.serverId);
    }
    assert(!ids.has(''), 'the server does not say who it is');
    assert.strictEqual(ids.size, 1);
  },
  async rpc_soak(client) {
    for (let i = 0; i < 10; i++) await cases.large_unary(client);
  },
  async channel_soak() {
    for (let i = 0; i < 10; i++) await connected(TestService, cases.large_unary);
  },
};

async function call() {
  for (const name of flags.test_case.split(',')) {
    let outcome = 'passed';
    try {
      await connected(TestService, cases[name]);
    } catch (error) {
      outcome = String(error).replaceAll('\n', ' ').slice(0, 300);
      process.exitCode = 1;
    }
    console.log(`${name}: ${outcome}`);
  }
}

if (role === 'server') serve();
else call();
