/* The page of a step: what a kept value changes on it. The server says it all; this only puts it where it belongs. */

import { $, all, notice, sound } from './draw.js';

const MARK = 'l-7-15h14z';

document.addEventListener('kept', event => {
  const said = event.detail;
  for (const [name, mark] of Object.entries(said.marks || {})) {
    const bar = $(`[data-gauge="${CSS.escape(name)}"] svg`);
    if (!bar || !mark.x) continue;
    let at = $('.g-mark', bar);
    if (!at) {
      at = document.createElementNS('http://www.w3.org/2000/svg', 'path');
      bar.append(at);
    }
    at.setAttribute('class', 'g-mark ' + mark.kind);
    at.setAttribute('d', `M${mark.x} 20${MARK}`);
  }
  const place = $('[data-said]');
  if (place && said.said) {
    if (said.said.length > place.children.length) sound('stop');
    place.replaceChildren(...said.said.map(sentence => notice('stop', `${sentence} ${place.dataset.word}`)));
  }
  if (!said.missing) return;
  const list = $('#missing');
  if (list) list.textContent = said.missing.join(' ');
  for (const one of all('[data-missing]')) one.hidden = said.missing.length === 0;
  for (const one of all('[data-ready]')) one.hidden = said.missing.length > 0;
});
