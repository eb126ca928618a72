// Ten thousand seeded texts: the same encoding, size and parts as sms-segments-calculator.
// Usage: node compare.js PROGRAM. Prints each difference; exits 1 when there is one.
'use strict';
const { execFileSync } = require('child_process');
const { SegmentedMessage } = require('sms-segments-calculator');

const TEXTS = 10000;
let state = 20260302;
const random = (n) => { // xorshift32: the same texts on every machine
  state ^= state << 13; state >>>= 0; state ^= state >>> 17; state ^= state << 5; state >>>= 0;
  return state % n;
};
const from = (s) => { const a = Array.from(s); return () => a[random(a.length)]; };
const any = (list) => () => list[random(list.length)];
const kinds = {
  ascii: from(' !"#%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz'),
  gsm: from('£$¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà\n\r'),
  extension: from('\f[\\]^{|}~€'),
  latin: from('çŵŷâêîôûáíóúčšžłąęśćńïœ`´‘’“”–—…•°½\t'),
  scripts: from('АбвгДеאבגدرجةعربيآپچگ中文字日本語カタ'),
  marks: any(['e\u0301', 'a\u0308', 'ਮੈਂ', 'আমি', 'হ্যাঁ', 'क्षि', '각', '\u1100\u1161\u11A8', '\r\n']),
  emoji: any(['😀', '💀', '👍', '❤️', '👨‍👩‍👧‍👦', '👩🏽‍🚀', '🇬🇧', '🇫🇷🇪🇸', '1️⃣', '🔟', '🏳️‍🌈']),
};
const blends = [['ascii'], ['ascii', 'gsm'], ['ascii', 'gsm', 'extension'], ['extension'],
  ['ascii', 'ascii', 'ascii', 'ascii', 'latin'], ['scripts'], ['marks', 'ascii'],
  ['emoji'], ['emoji', 'ascii', 'ascii'], Object.keys(kinds)];
const lengths = [0, 1, 69, 70, 71, 133, 134, 135, 153, 159, 160, 161, 201, 305, 306, 307, 459, 500];

const texts = [];
for (let i = 0; i < TEXTS; i += 1) {
  const blend = blends[i % blends.length];
  const length = random(3) === 0 ? random(520) : lengths[random(lengths.length)];
  let text = '';
  while (text.length < length) text += kinds[blend[random(blend.length)]]();
  texts.push(text);
}

const hex = (s) => Buffer.from(s, 'utf8').toString('hex');
const ours = execFileSync(process.argv[2], {
  input: texts.map(hex).join('\n') + '\n', maxBuffer: 1 << 28, encoding: 'utf8',
}).split('\n');
let different = 0;
texts.forEach((text, i) => {
  const m = new SegmentedMessage(text);
  const units = m.encodedChars.reduce((n, c) => n + c.codeUnits.length, 0);
  const parts = m.segments.map((s) => hex(Array.from(s).filter((c) => !c.isUserDataHeader).map((c) => c.raw).join('')));
  const theirs = [m.encodingName, units, ...parts].join(' ');
  if (theirs !== ours[i]) {
    different += 1;
    if (different <= 5) console.log(`${JSON.stringify(text)}\n  theirs ${theirs}\n  ours   ${ours[i]}`);
  }
});
console.log(`contract segments: ${TEXTS} texts, ${different} different`);
process.exit(different ? 1 : 0);
