/* What paper cannot do: the scanner always finds its field, a field is kept as soon as it is left, a verdict is heard.
   Every page works without this file. No framework, nothing from elsewhere; every sentence comes from templates/says.html. */
'use strict';
(() => {
  const $ = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const says = $('#says').dataset;
  const person = document.body.dataset.person || '';
  const wedge = $('[data-wedge]');
  const WRITABLE = 'input:not([type=hidden]):not([type=radio]):not([type=checkbox]), textarea, select';

  function draw(tag, attributes, ...inside) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.append(...inside);
    return element;
  }
  function icon(name) {
    const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
    const use = document.createElementNS('http://www.w3.org/2000/svg', 'use');
    svg.setAttribute('class', 'i');
    svg.setAttribute('aria-hidden', 'true');
    use.setAttribute('href', '#i-' + name);
    svg.append(use);
    return svg;
  }
  function freshKey() {   // not crypto.randomUUID: that is missing where the page comes without TLS
    return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('');
  }
  function notice(kind, title, lines = [], button = null) {
    const text = draw('div', {}, draw('p', {}, draw('strong', {}, title)), ...lines.map(line => draw('p', {}, line)));
    return draw('div', { class: 'notice ' + kind, role: kind === 'go' ? 'status' : 'alert' }, icon(kind), text, ...(button ? [button] : []));
  }

  /* ---- scanned or typed: a wedge scanner sends a whole code within milliseconds per character and ends it with Enter or Tab ---- */

  const CODE = /^(?:\]Q3)?([0-9A-Z]{13})$/i;
  const FAST_MS = 50;         // mean gap; the slowest wireless scanners stay below, no hand does
  const FEWEST = 8;           // characters; a shorter burst proves nothing
  const bursts = new WeakMap();

  function bare(text) { return text.trim().replace(/^\]Q3/i, ''); }
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
  function markHow(field) {
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
    } else if (code && (field !== wedge || nextScanField(code))) {
      event.preventDefault();
      field.value = field === wedge ? '' : bursts.get(field).before;
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
  function siteTime() {   // the server's time at loading plus what has passed here: this machine's own clock may be wrong
    const [, sign, hours, minutes] = /([+-])(\d\d):(\d\d)$/.exec(clock.dateTime) || [0, '+', 0, 0];
    const away = (sign === '-' ? -1 : 1) * (hours * 60 + Number(minutes)) * 60000;
    return new Date(Date.parse(clock.dateTime) + performance.now() + away).toISOString();
  }
  if (clock) {
    setInterval(() => { clock.textContent = siteTime().slice(11, 16); }, 5000);
    for (const button of all('[data-now-for]')) {
      button.hidden = false;
      button.addEventListener('click', () => {
        const field = document.getElementById(button.dataset.nowFor);
        field.value = siteTime().slice(0, 16).replace('T', ' ');
        field.dispatchEvent(new Event('change', { bubbles: true }));
      });
    }
  }

  /* ---- every field is kept when it is left ---- */

  const STORE = 'marrowline.unsaved';
  const unsaved = new Map();    // address and name → { url, name, value, key, reason, how, person }
  const lines = new WeakMap();  // form → the end of its queue: values are sent in the order in which they were left

  function remember() {
    try { sessionStorage.setItem(STORE, JSON.stringify([...unsaved.values()])); } catch { /* full or forbidden: the page still holds them */ }
  }
  function valueOf(field) {
    if (field.type === 'radio') return field.form.elements[field.name].value;
    if (field.type === 'checkbox') return all(`input[name="${CSS.escape(field.name)}"]:checked`, field.form).map(one => one.value).join(',');
    return field.value;
  }
  function markOf(field) { return document.getElementById(field.dataset.mark || field.id + '-mark'); }
  function placeOf(field) { return field.closest('.field') || field.closest('td') || field.parentElement; }
  function clearUnder(field) { for (const old of all('.notice, .why', placeOf(field))) old.remove(); }
  function show(field, kind, words, time = '') {
    const mark = markOf(field);
    const stamp = time ? [' ', draw('time', {}, time)] : [];
    if (mark) mark.replaceChildren(draw('span', { class: 'saved' + (kind === 'stop' ? ' lost' : '') }, icon(kind), draw('span', {}, words, ...stamp)));
  }
  function tell(field, notices) {
    clearUnder(field);
    placeOf(field).append(...notices);
  }

  function moveOn(field) {
    const form = field.form;
    const order = all(`${WRITABLE}, input[type=radio], input[type=checkbox], button:not([type=button])`, form || document)
      .filter(one => !one.readOnly && one.offsetParent && !(one.type === 'radio' && one.name === field.name));
    const next = order[order.indexOf(field) + 1] || order.find(one => field.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (next) next.focus();
    else field.blur();
  }

  function keep(field, reason = '', key = freshKey()) {
    const url = field.form.dataset.autosaveUrl;
    const value = valueOf(field);
    const id = url + ' ' + field.name;
    if ('was' in field.dataset && field.dataset.was === value) {
      unsaved.delete(id);
      remember();
      return clearUnder(field);
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

  function askWhy(field) {
    const box = $('#says-why').content.firstElementChild.cloneNode(true);
    const why = $('[data-reason]', box);
    const change = () => { if (why.value.trim()) { clearUnder(field); keep(field, why.value.trim()); } else why.focus(); };
    why.addEventListener('keydown', event => { if (event.key === 'Enter') { event.preventDefault(); change(); } });
    $('[data-change]', box).addEventListener('click', change);
    $('[data-keep]', box).addEventListener('click', () => {
      if (field.type === 'radio') for (const one of all(`input[name="${CSS.escape(field.name)}"]`, field.form)) one.checked = one.value === field.dataset.was;
      else field.value = field.dataset.was;
      clearUnder(field);
    });
    tell(field, [box]);
    why.focus();
  }

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
      answer = await fetch(note.url, { method: 'POST', body, headers: { Accept: 'application/json' }, redirect: 'manual', keepalive: true, signal: stop.signal });
      said = await answer.json();
    } catch { /* no answer, or not in our words: said below as not saved */ }
    clearTimeout(patience);
    if (unsaved.get(id) !== note) return;   // a newer value waits behind this one
    if (answer?.ok && said.at) kept(field, id, note, said);
    else if ([403, 409, 422].includes(answer?.status) && said.refused) {
      unsaved.delete(id);
      field.setAttribute('aria-invalid', 'true');
      show(field, 'stop', says.refused);
      tell(field, [notice('stop', says.refused, said.refused)]);
    } else lost(field, id, note, answer?.status === 401 || answer?.type === 'opaqueredirect' ? says.locked : says.lost);
    remember();
  }
  function kept(field, id, note, said) {   // said: { at, shown?, results?: { name: { text, kind, word } }, notices?: [{ kind, title, text }] }
    unsaved.delete(id);
    for (const one of field.type === 'radio' ? all(`input[name="${CSS.escape(field.name)}"]`, field.form) : [field]) one.dataset.was = note.value;
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
  }
  function lost(field, id, note, words) {
    const again = draw('button', { class: 'btn', type: 'button' }, says.retry);
    again.addEventListener('click', () => { tell(field, []); keep(field, note.reason, note.key); });   // the same key: sent twice, kept once
    show(field, 'stop', words);
    tell(field, [notice('stop', words, [says.lostTodo], again)]);
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
  addEventListener('online', () => all('.notice .btn[type=button]').filter(one => one.textContent === says.retry).forEach(one => one.click()));
  addEventListener('beforeunload', event => { if (unsaved.size && !leaving) event.preventDefault(); });

  function restore() {
    let stored = [];
    try { stored = JSON.parse(sessionStorage.getItem(STORE) || '[]'); } catch { /* nothing to restore */ }
    for (const note of stored.filter(one => one.person === person)) {
      const form = all('form[data-autosave-url]').find(one => one.dataset.autosaveUrl === note.url);
      const field = form && all('[data-autosave]', form).find(one => one.name === note.name && (one.type !== 'radio' || one.value === note.value));
      if (!field) { unsaved.set(note.url + ' ' + note.name, note); continue; }   // its page is another one; it waits there
      if (field.type === 'radio') field.checked = true;
      else field.value = note.value;
      if (field.dataset.was === note.value) continue;
      keep(field, note.reason, note.key)?.then?.(() => show(field, unsaved.size ? 'stop' : 'saved', unsaved.size ? says.lost : says.saved));
      show(field, 'wait', says.restored);
    }
    remember();
  }

  /* ---- sent once ---- */

  let leaving = false;
  document.addEventListener('submit', async event => {
    const form = event.target;
    if (form.dataset.sent) return event.preventDefault();
    if (form.matches('[data-leaving]')) { leaving = true; try { sessionStorage.removeItem(STORE); } catch { /* nothing kept */ } }
    const mine = () => [...unsaved.values()].some(note => note.url === form.dataset.autosaveUrl);
    if (form.dataset.autosaveUrl && mine()) {
      event.preventDefault();
      const submitter = event.submitter;
      await lines.get(form);
      if (!mine()) form.requestSubmit(submitter);
      else $('.notice .btn', form)?.focus();
      return;
    }
    if (form.matches('[data-download]')) return;
    form.dataset.sent = 'yes';
    leaving = true;
    setTimeout(() => all('button', form).forEach(button => { button.setAttribute('aria-disabled', 'true'); button.title = says.sending; }));
  });
  addEventListener('pageshow', event => {
    if (!event.persisted) return;
    for (const form of all('form[data-sent]')) {
      delete form.dataset.sent;
      all('button[title]', form).forEach(button => { button.removeAttribute('aria-disabled'); button.removeAttribute('title'); });
    }
    leaving = false;
  });

  /* ---- the station locks when nobody touches it; the server decides, this only says so in time ---- */

  const idle = Number(document.body.dataset.idle || 0) * 1000;
  if (idle) {
    let touched = performance.now(), warning = null;
    for (const kind of ['pointerdown', 'keydown']) addEventListener(kind, () => {
      touched = performance.now();
      if (warning) { warning.remove(); warning = null; }
      if (document.body.dataset.touch && touched - asked > 60000) { asked = touched; fetch(document.body.dataset.touch, { method: 'POST' }).catch(() => {}); }
    }, true);
    let asked = performance.now();
    setInterval(async () => {
      const left = idle - (performance.now() - touched);
      if (left <= 60000 && !warning) {
        warning = notice('warn', says.lockSoon);
        $('#main').prepend(warning);
      }
      if (left > 0 || leaving) return;
      document.activeElement?.blur();   // what is being typed is left, and so kept
      await Promise.all(all('form[data-autosave-url]').map(form => lines.get(form)));
      leaving = true;
      location.assign(document.body.dataset.lock + '?next=' + encodeURIComponent(location.pathname + location.search));
    }, 5000);
  }

  /* ---- heard before it is read ---- */

  const TONES = { give: [[660, 0, .12], [990, .14, .22]], stop: [[220, 0, .3], [160, .36, .3], [220, .72, .4]], unknown: [[330, 0, .25]] };
  function sound(name) {
    try {
      const audio = new AudioContext();
      for (const [hertz, start, length] of TONES[name] || []) {
        const tone = audio.createOscillator(), loudness = audio.createGain();
        tone.type = name === 'stop' ? 'square' : 'sine';
        tone.frequency.value = hertz;
        loudness.gain.value = .2;
        tone.connect(loudness).connect(audio.destination);
        tone.start(audio.currentTime + start);
        tone.stop(audio.currentTime + start + length);
      }
    } catch { /* a browser without sound still shows word, shape and colour */ }
  }

  /* ---- small things ---- */

  document.addEventListener('click', event => {
    const back = event.target.closest('[data-back]');
    if (back && history.length > 1 && document.referrer.startsWith(location.origin)) { event.preventDefault(); history.back(); }
  });
  for (const box of all('.scroll')) if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;   // reachable by keyboard, only where it scrolls
  const loud = $('[data-sound]');
  if (loud) sound(loud.dataset.sound);
  restore();
})();
