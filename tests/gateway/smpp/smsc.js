// An SMPP message centre with handsets behind it. Standard output: a JSON line for each submitted
// part. Standard input: a JSON line {from, parts, unicode, reference} for what a person types.
// Usage: node smsc.js PORT SYSTEM_ID PASSWORD
const smpp = require('smpp');
const readline = require('readline');

const [port, systemId, password] = process.argv.slice(2);
const OURS = '447700900000';
let link = null;
let count = 0;
const tell = (what) => process.stdout.write(JSON.stringify(what) + '\n');

const stamp = (d) => d.toISOString().slice(2, 16).replace(/[-T:]/g, '');

function submitted(session, pdu) {
  const id = `m${++count}`;
  session.send(pdu.response({message_id: id}));
  const {message, udh} = pdu.short_message;
  tell({
    to: pdu.destination_addr, ton: pdu.dest_addr_ton, from: pdu.source_addr,
    coding: pdu.data_coding, receipt: pdu.registered_delivery & 1,
    udh: udh ? udh.map((e) => e.toString('hex')) : [],
    text: typeof message === 'string' ? message : message.toString('latin1'),
  });
  if (!(pdu.registered_delivery & 1)) return;
  const now = stamp(new Date());
  session.deliver_sm({
    source_addr: pdu.destination_addr, source_addr_ton: pdu.dest_addr_ton,
    destination_addr: pdu.source_addr, esm_class: 4,
    short_message: `id:${id} sub:001 dlvrd:001 submit date:${now} done date:${now} ` +
        'stat:DELIVRD err:000 text:',
  });
}

smpp.createServer({}, (session) => {
  session.on('error', () => {});
  session.on('bind_transceiver', (pdu) => {
    const known = pdu.system_id === systemId && pdu.password === password;
    session.send(pdu.response({command_status: known ? 0 : smpp.ESME_RBINDFAIL}));
    if (known) link = session;
    tell({bound: known});
  });
  session.on('submit_sm', (pdu) => submitted(session, pdu));
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('unbind', (pdu) => { session.send(pdu.response()); session.close(); });
}).listen(Number(port), '127.0.0.1', () => tell({listening: true}));

readline.createInterface({input: process.stdin}).on('line', (line) => {
  const said = JSON.parse(line);
  said.parts.forEach((text, i) => {
    const several = said.parts.length > 1;
    const header = Buffer.from([5, 0, 3, said.reference, said.parts.length, i + 1]);
    link.deliver_sm({
      source_addr: said.from.replace('+', ''), source_addr_ton: 1, source_addr_npi: 1,
      destination_addr: OURS, dest_addr_ton: 1, dest_addr_npi: 1,
      data_coding: said.unicode ? 8 : 0, esm_class: several ? 0x40 : 0,
      short_message: several ? {udh: header, message: text} : text,
    });
  });
}).on('close', () => process.exit(0));
