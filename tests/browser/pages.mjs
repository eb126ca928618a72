// Opens the pages in Chromium at two sizes, light and dark, with and without script, and on paper;
// axe-core looks for barriers; screenshots are kept. Usage: node pages.mjs LINKS.json SHOTS_DIR
import {chromium} from 'playwright-core';
import {readFileSync, mkdirSync} from 'node:fs';
import {createRequire} from 'node:module';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const [linksFile, shots] = process.argv.slice(2);
const links = JSON.parse(readFileSync(linksFile, 'utf8'));
mkdirSync(shots, {recursive: true});

let failed = 0;
const expect = (condition, what) => {
  console.log(`  ${condition ? 'ok ' : 'NOT'} ${what}`);
  if (!condition) failed += 1;
};

const sizes = {phone: {width: 320, height: 640}, desktop: {width: 1280, height: 900}};
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
});

// axe needs script; a page without script is looked at with script switched on, same bytes.
async function barriers(page) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => axe.run(document, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  }));
  return found.violations.map(v => `${v.id}: ${v.nodes.map(n => n.html.slice(0, 90)).join(' | ')}`);
}

async function look(kind, link, size, scheme, script) {
  const name = `${kind}-${size}-${scheme}-${script ? 'script' : 'plain'}`;
  const context = await browser.newContext({
    viewport: sizes[size], colorScheme: scheme, javaScriptEnabled: script, bypassCSP: script,
  });
  const page = await context.newPage();
  const strangers = [];
  page.on('request', r => { if (new URL(r.url()).origin !== new URL(link).origin) strangers.push(r.url()); });
  const complaints = [];
  page.on('console', m => { if (m.type() === 'error' && !m.location().url.endsWith('/favicon.ico')) complaints.push(m.text()); });
  await page.goto(link);
  await page.screenshot({path: `${shots}/${name}-cover.png`});
  // By keyboard alone: the one button is the first stop.
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await page.locator('h1', {hasNotText: 'A private page'}).waitFor();
  await page.screenshot({path: `${shots}/${name}.png`, fullPage: true});
  const wide = await page.locator('main').evaluate(
    e => e.ownerDocument.documentElement.scrollWidth - e.ownerDocument.documentElement.clientWidth)
    .catch(() => 0);
  expect(wide <= 0, `${name}: nothing is wider than the screen (${wide})`);
  expect(strangers.length === 0, `${name}: no request to anybody else`);
  expect(complaints.length === 0, `${name}: the browser does not complain ${complaints}`);
  const charts = await page.locator('svg.chart:visible').count();
  expect(kind === 'friend' ? charts === 0 : charts >= 1, `${name}: ${charts} charts show`);
  if (script) {
    const found = await barriers(page);
    expect(found.length === 0, `${name}: axe finds no barrier ${found.join('; ')}`);
    // Still fits when opened up and when text is twice as large.
    await page.evaluate(() => document.querySelectorAll('details').forEach(d => { d.open = true; }));
    const open = await barriers(page);
    expect(open.length === 0, `${name}: nor with everything unfolded ${open.join('; ')}`);
    if (size === 'phone') return context.close();  // 320 pixels is the zoomed desktop already
    await page.evaluate(() => { document.documentElement.style.fontSize = '200%'; });
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(over <= 0, `${name}: nor wider with letters twice as large (${over})`);
  }
  await context.close();
}

for (const kind of ['alert', 'series', 'friend']) {
  for (const size of Object.keys(sizes)) {
    for (const scheme of ['light', 'dark']) {
      for (const script of [true, false]) {
        if (kind !== 'alert' && !(script && scheme === 'light')) continue;
        await look(kind, links[kind], size, scheme, script);
      }
    }
  }
}

// The data page opens once.
{
  const context = await browser.newContext({viewport: sizes.phone});
  const page = await context.newPage();
  await page.goto(links.data);
  await page.getByRole('button', {name: 'Show'}).click();
  await page.screenshot({path: `${shots}/data-phone.png`, fullPage: true});
  const [download] = await Promise.all([
    page.waitForEvent('download'), page.getByRole('button', {name: 'Save as CSV'}).click()]);
  expect(download.suggestedFilename() === 'my-data.csv', 'the data page saves a CSV');
  await context.close();
}

// On paper: no buttons, the wide chart, one light look.
{
  const context = await browser.newContext({viewport: sizes.desktop});
  const page = await context.newPage();
  await page.goto(links.alert);
  await page.getByRole('button', {name: 'Show'}).click();
  await page.locator('h1', {hasText: 'Alert'}).waitFor();
  await page.emulateMedia({media: 'print'});
  expect(await page.locator('button:visible').count() === 0, 'no button is printed');
  await page.screenshot({path: `${shots}/alert-print.png`, fullPage: true});
  await page.pdf({path: `${shots}/alert.pdf`, format: 'A4'});
  await context.close();
}

// The buttons do what they say, without script.
{
  const context = await browser.newContext({viewport: sizes.phone, javaScriptEnabled: false});
  const page = await context.newPage();
  await page.goto(links.alert);
  await page.getByRole('button', {name: 'Show'}).click();
  await page.getByRole('button', {name: /^ACK/}).click();
  expect(await page.getByText('You have acknowledged it').isVisible(), 'ACK answers');
  await page.getByLabel(/What was done/).fill('rang, all well');
  await page.screenshot({path: `${shots}/alert-acked-phone.png`, fullPage: true});
  await page.getByRole('button', {name: /^DONE/}).click();
  expect(await page.getByText('Closed as done').isVisible(), 'DONE answers');
  expect(await page.getByText('rang, all well').first().isVisible(), 'the note is kept');
  await page.screenshot({path: `${shots}/alert-done-phone.png`, fullPage: true});
  await context.close();
}

await browser.close();
console.log(failed === 0 ? 'all well' : `${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
