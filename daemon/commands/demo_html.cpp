#include "daemon/commands/demo_html.hpp"

namespace moodline::commands {

std::string demo_html() {
  return R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Moodline demo</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<style>
:root{color-scheme:light dark;--line:#8885;--soft:#8881;--me:#1f6f54;--good:#1f6f54;--bad:#b3402a}
@media(prefers-color-scheme:dark){:root{--me:#2c8a6a;--good:#4bbf97;--bad:#ec8a72}}
*{box-sizing:border-box}
body{font:16px/1.45 system-ui,sans-serif;margin:0 auto;padding:1rem;max-width:76rem}
h1{font-size:1.35rem;margin:0}h2{font-size:1rem;margin:0 0 .5rem}
header{display:flex;flex-wrap:wrap;gap:.6rem 1rem;align-items:center;margin-bottom:1rem}
header output{font-variant-numeric:tabular-nums;font-weight:600}
button{font:inherit;padding:.35rem .8rem;border:1px solid var(--line);border-radius:.5rem;background:var(--soft);color:inherit;cursor:pointer}
button[aria-pressed=true]{background:var(--me);color:#fff}
main{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(18rem,1fr))}
section{border:1px solid var(--line);border-radius:.8rem;padding:.8rem}
.wide{grid-column:1/-1}
.texts{height:19rem;overflow:auto;display:flex;flex-direction:column;gap:.4rem;margin:0;padding:0;list-style:none}
.texts li{background:var(--soft);border-radius:.8rem;padding:.4rem .7rem;max-width:88%;overflow-wrap:anywhere}
.texts li.mine{align-self:flex-end;background:var(--me);color:#fff}
.texts small{display:block;opacity:.75;font-size:.75rem}
form{display:flex;gap:.4rem;margin-top:.6rem}
input{font:inherit;flex:1;min-width:0;padding:.4rem .6rem;border:1px solid var(--line);border-radius:.5rem;background:transparent;color:inherit}
pre{margin:0;white-space:pre-wrap;font-size:.9rem}
svg{width:100%;height:auto;display:block}
svg text{font:11px system-ui,sans-serif;fill:currentColor}
.note{opacity:.8;font-size:.9rem;margin:.4rem 0 0}
</style></head><body>
<header><h1>Moodline demo</h1><span>It is <output id="now">...</output></span>
<span role="group" aria-label="Speed of the clock">
<button data-factor="1">real time</button> <button data-factor="3600">1 hour a second</button>
<button data-factor="10080">two weeks in 2 minutes</button></span>
<button data-hours="12">12 hours on</button> <button id="begin">invite MJ</button></header>
<main>
<section aria-labelledby="p1"><h2 id="p1">MJ's phone</h2><ol class="texts" id="person" aria-live="polite"></ol>
<form data-who="person"><input aria-label="Text as MJ" placeholder="AGREE 42, 3, PAUSE 2 days, STOP" maxlength="600"><button>Send</button></form></section>
<section aria-labelledby="p2"><h2 id="p2">Sam's phone (practitioner)</h2><ol class="texts" id="practitioner" aria-live="polite"></ol>
<form data-who="practitioner"><input aria-label="Text as Sam" placeholder="ACCEPT 42, ACK K7, DONE K7 rang"><button>Send</button></form></section>
<section class="wide" aria-labelledby="p3"><h2 id="p3">What MJ texted, day by day</h2><div id="chart"></div>
<p class="note">Dots: answers. Hollow: asked, no answer. Cross: not asked or not delivered.</p></section>
<section class="wide" aria-labelledby="p4"><h2 id="p4">moodline explain: each agreed rule as it stands</h2><pre id="rules">Nothing is agreed yet.</pre></section>
</main>
<p class="note">Begin: Sam texts ACCEPT and his code; press "invite MJ"; MJ texts AGREE and the code, then AGREE and the code of each sentence. Then let the clock run and answer each evening.</p>
<script src="/demo/demo.js"></script></body></html>
)html";
}

namespace {

std::string phones_script() {
  return R"js('use strict';
const $ = id => document.getElementById(id);
const post = (url, data) => fetch(url, {method: 'POST', body: new URLSearchParams(data)});
const shown = {};
function texts(id, list) {
  const box = $(id);
  for (const t of list) {
    if (shown[id] && t.id <= shown[id]) continue;
    const li = document.createElement('li');
    if (t.mine) li.className = 'mine';
    li.textContent = t.text;
    const when = document.createElement('small');
    when.textContent = new Date(t.at).toUTCString().slice(0, 22);
    li.append(when);
    box.append(li);
    shown[id] = t.id;
    box.scrollTop = box.scrollHeight;
  }
}
function chart(series) {
  if (!series) return;
  const W = 900, H = 200, days = 28;
  const end = new Date(new Date($('now').dataset.at).toISOString().slice(0, 10));
  const x = d => 40 + (days - 1 - Math.round((end - new Date(d)) / 864e5)) * (W - 60) / (days - 1);
  const y = v => H - 30 - v * (H - 50) / 10;
  let s = `<svg viewBox="0 0 ${W} ${H}" role="img" aria-label="Answers of the last 28 days">`;
  for (const v of [0, 5, 10]) s += `<line x1="36" x2="${W - 10}" y1="${y(v)}" y2="${y(v)}" stroke="var(--line)"/><text x="10" y="${y(v) + 4}">${v}</text>`;
  s += `<line x1="36" x2="${W - 10}" y1="${y(4)}" y2="${y(4)}" stroke="var(--bad)" stroke-dasharray="5 4"/><text x="40" y="${y(4) - 5}">agreed line: below 4</text>`;
  const last = {};
  for (const r of series.readings) if (r.component === 'mood' && !r.corrected && r.value !== null) last[r.day] = +r.value;
  for (const p of series.prompts) {
    if (p.schedule !== 'evening' || p.day in last) continue;
    const lost = ['not_sent', 'undelivered', 'paused', 'held'].includes(p.status);
    s += lost ? `<text x="${x(p.day) - 4}" y="${H - 12}">x</text>` : `<circle cx="${x(p.day)}" cy="${H - 16}" r="4" fill="none" stroke="currentColor"/>`;
  }
  for (const d in last) s += `<circle cx="${x(d)}" cy="${y(last[d])}" r="6" fill="var(${last[d] < 4 ? '--bad' : '--good'})"/><text x="${x(d) - 4}" y="${y(last[d]) - 10}">${last[d]}</text>`;
  $('chart').innerHTML = s + '</svg>';
}
)js";
}

std::string look_script() {
  return R"js(async function look() {
  try {
    const s = await (await fetch('/demo/state')).json();
    $('now').dataset.at = s.now;
    $('now').textContent = new Date(s.now).toUTCString().slice(0, 22);
    for (const b of document.querySelectorAll('[data-factor]')) b.setAttribute('aria-pressed', +b.dataset.factor === s.factor);
    texts('person', s.person);
    texts('practitioner', s.practitioner);
    chart(s.series);
    const open = s.alerts.map(a => `alert ${a.code} (${a.rule}) is ${a.status}${a.acknowledged ? ', acknowledged' : ''}`);
    const rules = s.rules.map(r => `${r.rule}@${r.version}: ${r.arithmetic}${r.fired ? ' - alert since ' + r.fired : ''}`);
    if (rules.length || open.length) $('rules').textContent = [...rules, ...open].join('\n');
  } catch (e) { $('now').textContent = 'the demo has ended'; }
}
document.addEventListener('submit', async e => {
  e.preventDefault();
  const input = e.target.querySelector('input');
  if (!input.value) return;
  await post('/demo/type', {who: e.target.dataset.who, text: input.value});
  input.value = '';
  look();
});
document.addEventListener('click', async e => {
  const b = e.target;
  if (b.dataset.factor) await post('/demo/clock', {factor: b.dataset.factor});
  if (b.dataset.hours) await post('/demo/clock', {factor: 1, hours: b.dataset.hours});
  if (b.id === 'begin') await post('/demo/begin', {});
  if (b.tagName === 'BUTTON') look();
});
look();
setInterval(look, 700);
)js";
}

}  // namespace

std::string demo_script() {
  return phones_script() + look_script();
}

}  // namespace moodline::commands
