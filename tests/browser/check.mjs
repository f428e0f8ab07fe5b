// Opens an HTML report in a headless Chromium, uses it as a person would, and prints as JSON what happened.
//
// usage: node check.mjs CHROMIUM REPORT.html [FOLDER FOR SCREENSHOTS]
//
// It speaks the DevTools protocol over the pipe that Chromium offers: no package, no port.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const [chromium, report, screenshots] = process.argv.slice(2);
const profile = mkdtempSync(join(tmpdir(), 'keysift-browser-'));
const options = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--disable-extensions',
  '--disable-background-networking', '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'];
const browser = spawn(chromium, options, { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });

const waiting = new Map();
const events = { errors: [], requests: [] };
let nSent = 0;
let rest = '';
browser.stdio[4].on('data', (bytes) => {
  rest += bytes;
  for (let end = rest.indexOf('\0'); end >= 0; end = rest.indexOf('\0')) {
    receive(JSON.parse(rest.slice(0, end)));
    rest = rest.slice(end + 1);
  }
});

function receive({ id, result, error, method, params }) {
  if (id) {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    error ? reject(new Error(error.message)) : resolve(result);
  } else if (method === 'Runtime.exceptionThrown') {
    events.errors.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
  } else if (method === 'Log.entryAdded' && ['error', 'warning'].includes(params.entry.level)) {
    events.errors.push(params.entry.text);
  } else if (method === 'Runtime.consoleAPICalled') {
    events.errors.push(`console.${params.type}`);
  } else if (method === 'Network.requestWillBeSent') {
    events.requests.push(params.request.url);
  } else if (method === 'Page.loadEventFired') {
    waiting.get('load')?.resolve();
  }
}

let session;
function send(method, params = {}) {
  const id = ++nSent;
  browser.stdio[3].write(JSON.stringify({ id, method, params, sessionId: session }) + '\0');
  return new Promise((resolve, reject) => waiting.set(id, { resolve, reject }));
}

async function evaluate(expression) {
  const { result, exceptionDetails } = await send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true });
  if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
  return result.value;
}

async function key(name, text) {
  await send('Input.dispatchKeyEvent', { type: text ? 'keyDown' : 'rawKeyDown', key: name, text, windowsVirtualKeyCode: { Enter: 13, Escape: 27 }[name] });
  await send('Input.dispatchKeyEvent', { type: 'keyUp', key: name });
}

const state = () => evaluate(`({
  rows: document.querySelectorAll('#rows .row').length,
  open: document.querySelectorAll('#rows .detail').length,
  count: document.getElementById('count').textContent,
  focus: document.activeElement.id || document.activeElement.className,
  focused: document.activeElement.textContent.trim().slice(0, 80),
  page: document.getElementById('page').textContent,
})`);

async function shoot(name, { width = 1280, height = 1600, media = 'screen', scheme = 'light' }) {
  await send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: false });
  await send('Emulation.setEmulatedMedia', { media, features: [{ name: 'prefers-color-scheme', value: scheme }] });
  await evaluate('scrollTo(0, 0)');
  const overflow = await evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  if (screenshots) {
    const { data } = await send('Page.captureScreenshot', { format: 'png' });
    writeFileSync(join(screenshots, `${name}.png`), Buffer.from(data, 'base64'));
  }
  return overflow;
}

async function main() {
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  ({ sessionId: session } = await send('Target.attachToTarget', { targetId, flatten: true }));
  for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await send(`${domain}.enable`);
  const loaded = new Promise((resolve) => waiting.set('load', { resolve }));
  const start = Date.now();
  await send('Page.navigate', { url: pathToFileURL(resolve(report)).href });
  await loaded;
  const seen = { load_ms: Date.now() - start, title: await evaluate('document.title'), heading: await evaluate("document.querySelector('h1').textContent") };
  seen.policy = await evaluate("document.querySelector('meta[http-equiv]').content");
  seen.images = await evaluate("document.querySelectorAll('img, iframe, object, embed, link').length");
  seen.scripts = await evaluate("document.querySelectorAll('script').length");
  seen.pwned = await evaluate("typeof window.pwned");
  seen.overflow = {};
  if (await evaluate("document.getElementById('list').hidden")) {
    seen.empty = true;
    seen.overflow.light = await shoot('empty', {});
    return seen;
  }
  seen.first = await state();
  seen.columns = await evaluate("[...document.querySelectorAll('.findings th')].filter((cell) => !cell.hidden).map((cell) => cell.querySelector('button').textContent)");
  seen.zeros = await evaluate(`[...document.querySelectorAll('.chart tr')].filter((row) => row.querySelector('.number').textContent === '0' && row.querySelector('button')).length`);
  await key('j', 'j');
  await key('Enter', '\r');
  seen.opened = await state();
  seen.overflow.light = await shoot('light', {});
  seen.overflow.dark = await shoot('dark', { scheme: 'dark' });
  seen.overflow.narrow = await shoot('narrow', { width: 390, height: 2000 });
  await key('j', 'j');
  seen.moved = await state();
  await key('k', 'k');
  await key('Enter', '\r');
  seen.closed = await state();
  await key('/', '/');
  const wanted = await evaluate("JSON.parse(document.getElementById('data').textContent).findings.at(-1).path");
  const before = Date.now();
  await send('Input.insertText', { text: wanted });
  seen.searched = await state();
  seen.search_ms = Date.now() - before;
  await key('Escape');
  seen.reset = await state();
  await evaluate("document.querySelector('th[data-sort=path] button').click()");
  seen.sort = await evaluate("document.querySelector('th[data-sort=path]').getAttribute('aria-sort')");
  seen.sorted = await evaluate("[...document.querySelectorAll('#rows .where')].map((cell) => cell.textContent)");
  await evaluate("document.querySelector('[data-filter=provider]').click()");
  seen.filtered = await state();
  await key('Escape');
  await evaluate("document.getElementById('next').click()");
  seen.next = await state();
  // Printing shows what the filters leave, all of it.
  await evaluate("dispatchEvent(new Event('beforeprint'))");
  seen.printed = await state();
  await send('Emulation.setEmulatedMedia', { media: 'print' });
  seen.printed.heads = await evaluate("[...document.querySelectorAll('.findings th:not([hidden]) span')].map((name) => getComputedStyle(name).display)");
  seen.printed.buttons = await evaluate("[...document.querySelectorAll('.findings th button')].map((name) => getComputedStyle(name).display)");
  await send('Emulation.setEmulatedMedia', { media: 'screen' });
  await evaluate("dispatchEvent(new Event('afterprint'))");
  await key('Escape');
  seen.overflow.print = await shoot('print', { media: 'print', width: 800, height: 1100 });
  // What the policy forbids does not happen.
  seen.forbidden = await evaluate(`(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.pwned = 1';
    document.body.append(script);
    const asked = await fetch('https://example.invalid/').then(() => 'sent', () => 'refused');
    return [typeof window.pwned, asked];
  })()`);
  return seen;
}

// Processes of the browser that end later may still write there, even between the last look into a folder and its removal: `maxRetries` does not help then.
async function remove(folder) {
  for (let nLeft = 50; ; nLeft--) {
    try {
      return rmSync(folder, { recursive: true, force: true });
    } catch (error) {
      if (nLeft === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

const patience = setTimeout(() => {
  console.error('the browser does not answer');
  browser.kill();
  process.exit(1);
}, 120_000);
try {
  const seen = await main();
  const own = pathToFileURL(resolve(report)).href;
  // The attempt that the policy refuses is reported as an error, which is right.
  const errors = events.errors.filter((text) => !/violates the following Content Security Policy|Refused to|Fetch API cannot load|console\./.test(text) || !seen.forbidden);
  console.log(JSON.stringify({ ...seen, errors, requests: events.requests.filter((url) => url !== own && url !== 'https://example.invalid/') }, null, 1));
} finally {
  clearTimeout(patience);
  browser.kill();
  await new Promise((resolve) => browser.once('exit', resolve));
  await remove(profile);
}
