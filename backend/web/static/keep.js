/* Every field is kept when it is left, and every form is sent once. Values stay on the page and in this tab until the server has them. */

import { $, all, draw, freshKey, icon, moveOn, notice, person, says, sound } from './draw.js';
import { markHow } from './scan.js';

const STORE = 'marrowline.unsaved';
const unsaved = new Map();    // address and name → { url, name, value, key, reason, how, person }
let elsewhere = [];           // the same person's, of other pages: they wait until that page is open again
let leaving = false;          // this page goes away on purpose
const lines = new WeakMap();  // form → the end of its queue: values are sent in the order in which they were left

function remember() {
  try {
    sessionStorage.setItem(STORE, JSON.stringify([...unsaved.values(), ...elsewhere]));
  } catch { /* full or forbidden: the page still holds them */ }
}
function alike(field) { return all(`input[name="${CSS.escape(field.name)}"]`, field.form); }   // the buttons of one choice
function valueOf(field) {
  if (field.type === 'radio' || field.type === 'checkbox') return alike(field).filter(one => one.checked).map(one => one.value).join(',');
  return field.value;
}
function put(field, value) {
  if (field.type !== 'radio' && field.type !== 'checkbox') field.value = value;
  else alike(field).forEach(one => { one.checked = value.split(',').includes(one.value); });
}
function markOf(field) { return document.getElementById(field.dataset.mark || field.id + '-mark'); }
function placeOf(field) {   // where something is said about a field: under it, or under the table whose columns it must not push about
  const table = field.closest('.readings');
  if (!table) return field.closest('.field') || field.parentElement;
  const box = table.closest('.scroll') || table;
  const old = $(`[data-told="${CSS.escape(field.name)}"]`, box.parentElement);
  const place = old || draw('div', { class: 'told', 'data-told': field.name });
  if (!old) box.after(place);
  return place;
}
function about(field, words) { return field.closest('.readings') ? `${field.getAttribute('aria-label')}. ${words}` : words; }
function clearUnder(field) { for (const old of all('.notice, .why', placeOf(field))) old.remove(); }
function show(field, kind, words, time = '') {
  const mark = markOf(field);
  const stamp = time ? [' ', draw('time', {}, time)] : [];
  const look = { class: kind === 'stop' ? 'saved lost' : 'saved' };
  if (mark) mark.replaceChildren(draw('span', look, icon(kind), draw('span', {}, words, ...stamp)));
}
function tell(field, notices) {
  clearUnder(field);
  placeOf(field).append(...notices);
}

function keep(field, reason = '', key = freshKey()) {
  const url = field.form.dataset.autosaveUrl;
  const value = valueOf(field);
  const id = url + ' ' + field.name;
  if ('was' in field.dataset && field.dataset.was === value) {
    unsaved.delete(id);
    remember();
    return asKept(field);
  }
  if ('was' in field.dataset && !reason) return askWhy(field);
  const note = { url, name: field.name, value, key, reason, how: markHow(field), person };
  unsaved.set(id, note);
  remember();
  show(field, 'wait', says.saving);
  const line = (lines.get(field.form) || Promise.resolve()).then(() => unsaved.get(id) === note ? send(field, id, note) : null);
  lines.set(field.form, line);
  return line;
}

const keptMarks = new WeakMap();   // mark → what it showed while the kept value stood in its field
function asKept(field) {
  clearUnder(field);
  const before = keptMarks.get(markOf(field));
  if (!before) return;
  markOf(field).replaceChildren(...before);
  keptMarks.delete(markOf(field));
}

function askWhy(field) {
  const mark = markOf(field);
  const box = $('#says-why').content.firstElementChild.cloneNode(true);
  const why = $('[data-reason]', box);
  const change = () => { if (why.value.trim()) { clearUnder(field); keep(field, why.value.trim()); } else why.focus(); };
  why.addEventListener('keydown', event => { if (event.key === 'Enter') { event.preventDefault(); change(); } });
  $('[data-change]', box).addEventListener('click', change);
  $('[data-keep]', box).addEventListener('click', () => {
    put(field, field.dataset.was);
    asKept(field);
  });
  $('strong', box).textContent = about(field, $('strong', box).textContent);
  tell(field, [box]);
  if (mark && !keptMarks.has(mark)) keptMarks.set(mark, [...mark.childNodes]);
  show(field, 'stop', says.unsaved);
  why.focus();
}

let lifted = Promise.resolve();   // what is said of a value moves no button from under a pointer that is down on it
addEventListener('pointerdown', () => {
  lifted = new Promise(done => {
    for (const kind of ['pointerup', 'pointercancel']) addEventListener(kind, () => setTimeout(done), { once: true, capture: true });
  });
}, true);

async function send(field, id, note) {
  const body = new URLSearchParams({ name: note.name, value: note.value, key: note.key });
  if (note.reason) body.set('reason', note.reason);
  if (note.how) body.set('how', note.how);
  const shown = field.form.elements.shown;
  if (shown) body.set('shown', shown.value);
  const stop = new AbortController();
  const patience = setTimeout(() => stop.abort(), 10000);
  let answer = null, said = {};
  try {
    const headers = { Accept: 'application/json' };
    answer = await fetch(note.url, { method: 'POST', body, headers, redirect: 'manual', keepalive: true, signal: stop.signal });
    said = await answer.json();
  } catch { /* no answer, or not in our words: said below as not saved */ }
  clearTimeout(patience);
  await lifted;
  if (unsaved.get(id) !== note) return;   // a newer value waits behind this one
  if (answer?.ok && said.at) kept(field, id, note, said);
  else if ([403, 404, 409, 422].includes(answer?.status) && (said.refused || said.nonsense)) {
    unsaved.delete(id);
    field.setAttribute('aria-invalid', 'true');
    show(field, 'stop', says.unsaved);
    tell(field, [notice('stop', about(field, says.refused), said.refused || Object.values(said.nonsense))]);
  } else lost(field, id, note, answer?.status === 401 || answer?.type === 'opaqueredirect' ? says.locked : says.lost);
  remember();
}
/* said: { at, shown?, results?: { name: { text, kind, word } }, notices?: [{ kind, title, text }] } */
function kept(field, id, note, said) {
  unsaved.delete(id);
  keptMarks.delete(markOf(field));
  alike(field).concat(field).forEach(one => { one.dataset.was = note.value; });
  field.removeAttribute('aria-invalid');
  show(field, 'saved', says.saved, said.at);
  tell(field, (said.notices || []).map(one => notice(one.kind, one.title, one.text ? [one.text] : [])));
  if (said.shown && field.form.elements.shown) field.form.elements.shown.value = said.shown;
  for (const [name, result] of Object.entries(said.results || {})) {
    const place = $(`[data-result="${CSS.escape(name)}"]`);
    const pill = result.word ? [draw('span', { class: 'pill ' + result.kind }, icon(result.kind), result.word)] : [];
    if (place) place.replaceChildren(draw('b', { class: 'result ' + (result.kind === 'stop' ? 'stop' : '') }, result.text), ...pill);
  }
  if (said.notices?.some(one => one.kind === 'stop')) sound('stop');
  field.dispatchEvent(new CustomEvent('kept', { detail: said, bubbles: true }));   // a page may have more to change
}
function lost(field, id, note, words) {
  const again = draw('button', { class: 'btn', type: 'button', 'data-retry': '' }, says.retry);
  again.addEventListener('click', () => { tell(field, []); keep(field, note.reason, note.key); });   // same key: sent twice, kept once
  show(field, 'stop', says.unsaved);
  tell(field, [notice('stop', about(field, words), [says.lostTodo], again)]);
}

document.addEventListener('change', event => {
  const field = event.target;
  if (field.matches('[data-autosave]') && field.form?.dataset.autosaveUrl) keep(field);
});
document.addEventListener('keydown', event => {
  const field = event.target;
  if (event.key !== 'Enter' || event.defaultPrevented || !field.matches?.('input[data-autosave], select[data-autosave]')) return;
  event.preventDefault();   // Enter moves on; leaving the field keeps it
  moveOn(field);
});
addEventListener('online', () => all('[data-retry]').forEach(one => one.click()));
addEventListener('beforeunload', event => { if (unsaved.size && !leaving) event.preventDefault(); });

export function restore() {
  let stored = [];
  try { stored = JSON.parse(sessionStorage.getItem(STORE) || '[]'); } catch { /* nothing to restore */ }
  if (!person) return;   // nobody is signed in here: what is stored waits for its own person
  const fieldOf = note => all('[data-autosave]').find(one => one.name === note.name && one.form?.dataset.autosaveUrl === note.url);
  const own = stored.filter(note => note.person === person);
  elsewhere = own.filter(note => !fieldOf(note));
  for (const note of own.filter(fieldOf)) {
    const field = fieldOf(note);
    put(field, note.value);
    if (field.dataset.was === note.value) continue;
    keep(field, note.reason, note.key);
    if (unsaved.size) show(field, 'wait', says.restored);
  }
  remember();
}

/* What is still unsaved on this page, sent; true when everything is kept. */
export async function settle() {
  document.activeElement?.blur();   // what is being typed is left, and so kept
  await Promise.all(all('form[data-autosave-url]').map(form => lines.get(form)));
  leaving = true;
  return unsaved.size === 0;
}

/* The next person at this station finds nothing of the last one. */
function forget() {
  unsaved.clear();
  elsewhere = [];
  remember();
}

/* ---- sent once ---- */

document.addEventListener('submit', async event => {
  const form = event.target;
  if (form.dataset.sent) return event.preventDefault();
  if (form.matches('[data-leaving]')) forget();
  const why = $('.why [data-reason]', form);
  if (why) {   // a changed value without its reason is not sent
    event.preventDefault();
    return why.focus();
  }
  const mine = () => [...unsaved.values()].some(note => note.url === form.dataset.autosaveUrl);
  if (form.dataset.autosaveUrl && mine()) {
    event.preventDefault();
    const submitter = event.submitter;
    await lines.get(form);
    if (!mine()) form.requestSubmit(submitter);
    else $('[data-retry]', form)?.focus();
    return;
  }
  if (form.matches('[data-download]')) return;
  form.dataset.sent = 'yes';
  leaving = true;
  setTimeout(() => {   // after the browser has taken what it sends
    all('button:not([type=button])', form).forEach(button => button.setAttribute('aria-disabled', 'true'));
    if (form.offsetHeight > 100) form.append(draw('p', { class: 'note', role: 'status', 'data-sending': '' }, says.sending));
  });
});
addEventListener('pageshow', event => {
  if (!event.persisted) return;
  for (const form of all('form[data-sent]')) {
    delete form.dataset.sent;
    all('button:not([type=button])', form).forEach(button => button.removeAttribute('aria-disabled'));
    $('[data-sending]', form)?.remove();
  }
  leaving = false;
});

