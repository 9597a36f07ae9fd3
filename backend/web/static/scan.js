/* The scanner always finds its field, whatever has the focus, and the record knows whether a code was scanned or typed. */

import { $, all, moveOn, wedge, WRITABLE } from './draw.js';

/* ---- a wedge scanner sends a whole code within milliseconds per character and ends it with Enter or Tab; a hand does not ---- */

const CODE = /^(?:\]Q3)?([0-9A-Z]{13})$/i;
const FAST_MS = 50;         // mean gap; the slowest wireless scanners stay below, no hand does
const FEWEST = 8;           // characters; a shorter burst proves nothing
const bursts = new WeakMap();

export function bare(text) { return text.trim().replace(/^\]Q3/i, ''); }
function watchKeys(event) {
  const field = event.target;
  if (event.key.length !== 1 || event.ctrlKey || event.altKey || event.metaKey || !field.matches?.(WRITABLE)) return;
  let burst = bursts.get(field);
  if (!burst || event.timeStamp - burst.last > 4 * FAST_MS) {
    burst = { first: event.timeStamp, before: field.value, text: '' };
    bursts.set(field, burst);
  }
  burst.text += event.key;
  burst.last = event.timeStamp;
}
function scannedInto(field) {   // the text of a finished burst, or nothing
  const burst = bursts.get(field);
  const fast = burst && burst.text.length >= FEWEST && (burst.last - burst.first) / (burst.text.length - 1) <= FAST_MS;
  return fast ? burst.text : '';
}
export function markHow(field) {
  const mark = field.id && $(`[data-how-of="${field.id}"]`);
  if (mark) mark.value = scannedInto(field) && bare(scannedInto(field)) === bare(field.value) ? 'scan' : 'typed';
  return mark ? mark.value : '';
}

function nextScanField(code) {   // a badge goes to a badge field, anything else to a field that is none
  const badge = code[0].toUpperCase() === 'B';
  return all('[data-scan], [data-badge]').find(field => !field.value && !field.readOnly && field.hasAttribute('data-badge') === badge);
}
function deliver(code) {
  const field = nextScanField(code) || (wedge && !wedge.value ? wedge : null);
  if (!field) return false;
  field.value = code;
  const mark = $(`[data-how-of="${field.id}"]`);
  if (mark) mark.value = 'scan';
  if (field === wedge) wedge.form.submit();
  else {
    field.dispatchEvent(new Event('change', { bubbles: true }));
    moveOn(field);
  }
  return true;
}
function endOfScan(event) {   // a scan that went into some other field is taken out of it again
  const field = event.target;
  if (event.key !== 'Enter' && event.key !== 'Tab') return;
  const text = field.matches?.(WRITABLE) ? scannedInto(field) : '';
  const code = CODE.exec(text)?.[1];
  const own = field === wedge || field.matches?.('[data-scan], [data-badge]');
  if (code && own && field !== wedge) {
    event.preventDefault();
    field.value = code;
    markHow(field);
    field.dispatchEvent(new Event('change', { bubbles: true }));
    moveOn(field);
  } else if (own && field !== wedge && event.key === 'Enter') {   // typed: Enter moves on here too, it does not send the form
    event.preventDefault();
    moveOn(field);
  } else if (code && (field !== wedge || nextScanField(code) || event.key === 'Tab')) {
    event.preventDefault();
    field.value = field === wedge ? '' : bursts.get(field).before;
    bursts.delete(field);   // it is delivered once, not again whenever this field is left
    deliver(code);
  }
}
document.addEventListener('keydown', event => {
  watchKeys(event);
  endOfScan(event);
  const lost = !event.target.matches?.(WRITABLE);
  if (wedge && lost && !event.ctrlKey && !event.altKey && !event.metaKey && /^[0-9A-Za-z\]]$/.test(event.key)) {
    wedge.focus({ preventScroll: true });   // the character itself still arrives, in the field that now has the focus
    bursts.set(wedge, { first: event.timeStamp, last: event.timeStamp, before: wedge.value, text: event.key });
  }
}, true);

function backToScan() { if (wedge && document.hasFocus()) wedge.focus({ preventScroll: true }); }
if (wedge) {
  wedge.setAttribute('inputmode', 'none');   // no keyboard over half the page, until someone touches the field to type
  wedge.addEventListener('pointerdown', () => wedge.setAttribute('inputmode', 'text'));
  wedge.form.addEventListener('submit', () => { markHow(wedge); wedge.value = bare(wedge.value); });
  document.addEventListener('click', event => {
    const busy = event.target.closest('a, button, input, select, textarea, label, summary, [tabindex], dialog');
    if (!busy && !String(getSelection())) backToScan();
  });
  addEventListener('focus', () => { if (document.activeElement === document.body) backToScan(); });
}

