/* What paper cannot do: a page that hears the scanner, keeps what is typed, and is heard before it is read.
   Every page works without this file. No framework, nothing from elsewhere; every sentence comes from templates/says.html. */

import { $, all, notice, says, sound } from './draw.js';
import { restore, settle } from './keep.js';
import { bare, markHow } from './scan.js';

/* ---- dates and times: digits are enough ---- */

function spell(field) {
  const digits = field.value.replace(/\D/g, '');
  const wanted = field.dataset.digits === 'date' ? 8 : 12;
  if (digits.length !== wanted) return;
  const parts = /(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d))?/.exec(digits);
  field.value = `${parts[1]}-${parts[2]}-${parts[3]}` + (parts[4] ? ` ${parts[4]}:${parts[5]}` : '');
}
document.addEventListener('change', event => {
  if (event.target.dataset?.digits) spell(event.target);
  if (event.target.matches?.('[data-scan], [data-badge]')) {
    event.target.value = bare(event.target.value);
    if (event.isTrusted) markHow(event.target);
  }
}, true);

const clock = $('[data-clock]');
const loaded = Date.now();   // not performance.now(), which stands still while a tablet sleeps
const serverNow = () => Date.parse(clock.dateTime) + (Date.now() - loaded);   // this machine's own clock may be wrong
function siteTime() {
  const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(clock.dateTime) || [0, '+', 0, 0];
  const away = (sign === '-' ? -1 : 1) * (hours * 60 + Number(minutes)) * 60000;
  return new Date(serverNow() + away).toISOString();
}
function countDown() {   // whole minutes until an instant; at none left, what must be said then is no longer hidden
  for (const one of all('[data-until]')) {
    const left = Math.max(0, Math.floor((Date.parse(one.dataset.until) - serverNow()) / 60000));
    if (one.textContent !== String(left)) one.textContent = left;
    const over = serverNow() >= Date.parse(one.dataset.until) + 60000;   // the last minute itself passes
    if (over) for (const said of all('[data-when-over]')) said.hidden = false;
  }
}
if (clock) {
  countDown();
  setInterval(() => { clock.textContent = siteTime().slice(11, 16); countDown(); }, 5000);
  for (const button of all('[data-now-for]')) {
    button.hidden = false;
    button.addEventListener('click', () => {
      const field = document.getElementById(button.dataset.nowFor);
      field.value = siteTime().slice(0, 16).replace('T', ' ');
      field.dispatchEvent(new Event('change', { bubbles: true }));
    });
  }
}

/* ---- the station locks when nobody touches it; the server decides, this only says so in time ---- */

function touched(one) {
  if (one.type === 'radio' || one.type === 'checkbox') return one.checked !== one.defaultChecked;
  if (one.tagName === 'SELECT') return [...one.options].some(option => option.selected && !option.defaultSelected && option.value);
  return one.type !== 'hidden' && 'defaultValue' in one && one.value !== one.defaultValue;
}
async function keepForms() {   // the server keeps them, encrypted, for the same person; passwords never leave the page
  for (const form of all('#main form[method=post]:not([data-autosave-url])')) {
    if (![...form.elements].some(touched)) continue;
    const fields = [...new FormData(form)].filter(([name]) => !/password|again/.test(name));
    await fetch('/draft', { method: 'POST', body: new URLSearchParams(fields) }).catch(() => {});
  }
}

const idle = Number(document.body.dataset.idle || 0) * 1000;
if (idle) {
  let touched = Date.now(), asked = touched, warning = null, over = false;
  const tellServer = () => {
    asked = touched;
    fetch(document.body.dataset.touch, { method: 'POST' }).catch(() => {});   // unheard: then the server locks when it must
  };
  for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => {
    touched = Date.now();
    if (warning) { warning.remove(); warning = null; }
    if (document.body.dataset.touch && touched - asked > 60000) tellServer();
  }, true);
  setInterval(async () => {
    const left = idle - (Date.now() - touched);
    if (left <= 60000 && !warning) {
      warning = notice('warn', says.lockSoon);
      $('#main').prepend(warning);
    }
    if (left > 0 || over) return;
    over = true;
    await settle();
    await keepForms();
    location.assign(document.body.dataset.lock + '?next=' + encodeURIComponent(location.pathname + location.search));
  }, 5000);
}

/* ---- small things ---- */

document.addEventListener('click', event => {
  const back = event.target.closest('[data-back]');
  if (back && history.length > 1 && document.referrer.startsWith(location.origin)) { event.preventDefault(); history.back(); }
});
for (const box of all('.scroll')) if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;   // so that the keyboard reaches it
const loud = $('[data-sound]');
if (loud) sound(loud.dataset.sound);
restore();
