// Writes what the vendors' own SDKs put on the wire for a text, in the format of tests/vectors, to
// be compared field by field with what our adapters build. Usage: node sends.js OUT.json
// No packet leaves the machine: https and fetch are bent to a server on the loopback first.
'use strict';
const crypto = require('crypto');
const fs = require('fs');
const http = require('http');
const https = require('https');

const now = Math.floor(Date.now() / 1000);
const texts = ['Hi', 'How are you feeling today? € & 1-5', 'ü 😊 "quoted" \\ line\nbreak', 'x'.repeat(320)];
const vectors = [];
let captured = null; // the last request
let port = 0;

const answers = {
  'api.twilio.com': [201, { sid: 'SM1', status: 'queued' }],
  'rest.nexmo.com': [200, { 'message-count': '1', messages: [{ to: '1', 'message-id': 'm1', status: '0' }] }],
  'api.nexmo.com': [202, { message_uuid: 'm1' }],
  'api.plivo.com': [202, { api_id: 'a', message: 'queued', message_uuid: ['m1'] }],
  'rest.messagebird.com': [201, { id: 'm1', recipients: { items: [] } }],
  'api.notifications.service.gov.uk': [201, { id: 'm1' }],
  'messaging.bandwidth.com': [202, { id: 'm1' }],
  'xyz.api.infobip.com': [200, { messages: [{ messageId: 'job-0', status: { groupId: 1, name: 'PENDING_ACCEPTED' } }] }],
  'api.sandbox.africastalking.com': [201, { SMSMessageData: { Message: 'Sent', Recipients: [{ statusCode: 101, messageId: 'm1' }] } }],
  'api.telnyx.com': [200, { data: { id: 'm1', to: [], errors: [] } }],
  'us.sms.api.sinch.com': [201, { id: 'm1', to: ['1'] }],
  'sms-voice.us-east-1.amazonaws.com': [200, { MessageId: 'm1' }],
};

const server = http.createServer((req, res) => {
  const chunks = [];
  req.on('data', (c) => chunks.push(c)).on('end', () => {
    const host = req.headers['x-real-host'];
    delete req.headers['x-real-host'];
    for (const name of ['accept-language', 'sec-fetch-mode']) delete req.headers[name]; // node's fetch, not the SDK
    captured = { method: req.method, url: `https://${host}${req.url}`, headers: req.headers, body: Buffer.concat(chunks).toString() };
    const [status, body] = answers[host] || [500, { unexpected: host }];
    captured.response = { status, body };
    res.writeHead(status, { 'content-type': 'application/json' });
    res.end(JSON.stringify(body));
  });
});

function bend() {
  const plain = http.request;
  https.request = (a, b, c) => {
    const url = typeof a === 'string' || a instanceof URL ? new URL(a) : null;
    const given = url ? (typeof b === 'object' && b) || {} : a;
    const done = [b, c].find((f) => typeof f === 'function');
    const host = url ? url.hostname : (given.hostname || given.host).replace(/:.*/, '');
    const o = {
      ...given, protocol: 'http:', host: '127.0.0.1', hostname: '127.0.0.1', port, agent: undefined, path: url ? url.pathname + url.search : given.path,
      headers: { ...given.headers, 'x-real-host': host },
    };
    delete o.href; delete o.auth; delete o.createConnection; delete o.agents; delete o.servername;
    if (given.auth) o.auth = given.auth;
    return plain(o, done);
  };
  const fetchPlain = globalThis.fetch;
  globalThis.fetch = (a, o = {}) => {
    const url = new URL(a.url || a);
    const headers = new Headers(o.headers || a.headers);
    headers.set('x-real-host', url.hostname);
    return fetchPlain(`http://127.0.0.1:${port}${url.pathname}${url.search}`, { ...o, method: o.method || a.method, headers, dispatcher: undefined });
  };
}

function keep(provider, name, more) {
  if (!captured) throw new Error(`${provider} ${name}: nothing reached the wire`);
  vectors.push({ id: `sdk-${provider}-${name}`, provider, kind: 'outbound-request', now, ...captured, ...more, expect: {} });
  captured = null;
}

const senders = {
  async twilio(text, i) {
    const client = require('twilio')(`AC${'a'.repeat(32)}`, 'tok_0123456789');
    await client.messages.create({
      to: '+15550101', from: '+15550100', body: text, statusCallback: 'https://gw.example.org/hook/twilio', ...(i % 2 && { validityPeriod: 3600 }),
    });
    keep('twilio', i);
  },
  async vonage(text, i) {
    const { SMS } = require('@vonage/sms');
    const { Messages, SMS: SmsMessage } = require('@vonage/messages');
    const unicode = /[^\x00-\x7f]/.test(text);
    await new SMS({ apiKey: 'abcd1234', apiSecret: 'hush' }).send({
      to: '447700900001', from: '447700900000', text, type: unicode ? 'unicode' : 'text', clientRef: `job-${i}`, ...(i % 2 && { ttl: 3600000 }), statusReportReq: true, callback: 'https://gw.example.org/hook/vonage',
    });
    keep('vonage', `sms-${i}`);
    const { privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
    await new Messages({
      applicationId: 'aaaaaaaa-bbbb-cccc-dddd-0123456789ab', privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    }).send(new SmsMessage({ to: '447700900001', from: '447700900000', text, clientRef: `job-${i}` }));
    keep('vonage', `messages-${i}`);
  },
  async plivo(text, i) {
    const plivo = require('plivo');
    await new plivo.Client('MAXXXXXXXXXXXXXXXXXX', 'plivo_token').messages.create({ src: '15550100', dst: '15550101', text, url: 'https://gw.example.org/hook/plivo', method: 'POST' });
    keep('plivo', i);
  },
  async messagebird(text, i) {
    const client = require('messagebird').initClient('live_key');
    await new Promise((done, fail) => client.messages.create({
      originator: '31600000000', recipients: ['31600000001'], body: text, reference: `job-${i}`, reportUrl: 'https://gw.example.org/hook/messagebird', ...(i % 2 && { validity: 3600 }),
      ...(/[^\x00-\x7f]/.test(text) && { datacoding: 'auto' }),
    }, (e) => (e ? fail(e) : done())));
    keep('messagebird', i);
  },
  async notify(text, i) {
    const { NotifyClient } = require('notifications-node-client');
    const secret = 'team_key-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0';
    await new NotifyClient(secret).sendSms('f33517ff-2a88-4f6e-b855-c550268ce08a', '+447700900001', { personalisation: { body: text }, reference: `job-${i}` });
    const { iat } = JSON.parse(Buffer.from(captured.headers.authorization.split('.')[1], 'base64url'));
    keep('govuk-notify', i, { secret, now: iat });
  },
  async bandwidth(text, i) {
    const { MessagesApi, Configuration } = require('bandwidth-sdk');
    await new MessagesApi(new Configuration({ username: 'bwuser', password: 'bwpass' })).createMessage('9900000', {
      applicationId: '93de2206-9669-4e07-948d-329f4b722ee2', to: ['+15550101'], from: '+15550100', text, tag: `job-${i}`, ...(i % 2 && { expiration: new Date((now + 3600) * 1000).toISOString().replace('.000Z', 'Z') }),
    });
    keep('bandwidth', i);
  },
  async infobip(text, i) {
    const { Infobip, AuthType } = require('@infobip-api/sdk');
    await new Infobip({ baseUrl: 'https://xyz.api.infobip.com', apiKey: 'ib_key', authType: AuthType.ApiKey }).channels.sms.send({
      type: 'text', messages: [{ from: '447700900000', destinations: [{ to: '447700900001', messageId: `job-${i}` }], text, notifyUrl: 'https://gw.example.org/hook/infobip' }],
    });
    keep('infobip', i);
  },
  async africastalking(text, i) {
    await require('africastalking')({ username: 'sandbox', apiKey: 'atsk_key' }).SMS.send({ to: ['+254711000001'], message: text, from: '12345' });
    keep('africastalking', i);
  },
  async telnyx(text, i) {
    const { Telnyx } = require('telnyx');
    await new Telnyx({ apiKey: 'KEY_test', maxRetries: 0 }).messages.send({ from: '+15550100', to: '+15550101', text, webhook_url: 'https://gw.example.org/hook/telnyx', tags: [`job-${i}`], ...(i % 2 && { messaging_profile_id: 'b0e5b0f0-0000-4000-8000-000000000000' }) });
    keep('telnyx', i);
  },
  async sinch(text, i) {
    const { SinchClient, SmsRegion } = require('@sinch/sdk-core');
    await new SinchClient({ servicePlanId: 'plan1', apiToken: 'sinch_token', smsRegion: SmsRegion.UNITED_STATES }).sms.batches.send({
      sendSMSRequestBody: {
        to: ['447700900001'], from: '447700900000', body: text, delivery_report: 'per_recipient', client_reference: `job-${i}`, callback_url: 'https://gw.example.org/hook/sinch', ...(i % 2 && { expire_at: new Date((now + 3600) * 1000) }),
      },
    });
    keep('sinch', i);
  },
  async aws(text, i) {
    const { PinpointSMSVoiceV2Client, SendTextMessageCommand } = require('@aws-sdk/client-pinpoint-sms-voice-v2');
    const secret = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY', region: 'us-east-1' };
    await new PinpointSMSVoiceV2Client({ region: 'us-east-1', credentials: secret, maxAttempts: 1 }).send(new SendTextMessageCommand({
      DestinationPhoneNumber: '+15550101', OriginationIdentity: '+15550100', MessageBody: text, MessageType: 'TRANSACTIONAL', ConfigurationSetName: 'cs1', Context: { job: `job-${i}` }, ...(i % 2 && { TimeToLive: 3600 }),
    }));
    keep('aws', i, { secret });
  },
};

server.listen(0, '127.0.0.1', async () => {
  port = server.address().port;
  bend();
  let failed = 0;
  for (const [name, send] of Object.entries(senders)) {
    for (const [i, text] of texts.entries()) {
      try {
        await send(text, i);
      } catch (e) {
        failed += 1;
        console.error(`sends: ${name} ${i}: ${e.stack || e}`);
        break;
      }
    }
  }
  fs.writeFileSync(process.argv[2], JSON.stringify(vectors));
  console.log(`${vectors.length} requests written`);
  process.exit(failed ? 1 : 0);
});
