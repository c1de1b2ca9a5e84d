// The texts whose contrast to what is behind them is below that of WCAG's level AA, and how many texts there are.
(() => {
  const colour = (css) => {
    const parts = css.match(/[\d.]+(e-?\d+)?/g).map(Number);
    const rgb = parts.slice(0, 3).map((part) => (css.startsWith("color(") ? part * 255 : part));
    return [...rgb, parts[3] ?? 1];
  };
  const over = (top, under) => top.slice(0, 3).map((c, n) => c * top[3] + under[n] * (1 - top[3])).concat(1);
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) {
      const layer = colour(getComputedStyle(at).backgroundColor);
      if (layer[3] > 0) layers.push(layer);
      if (layer[3] === 1) break;
    }
    return layers.reverse().reduce((under, top) => over(top, under), [255, 255, 255, 1]);
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
    return (high + 0.05) / (low + 0.05);
  };
  const faint = new Map();
  let texts = 0;
  const check = (element, style, text) => {
    texts += 1;
    const behind = ground(element);
    const front = over(colour(element.closest("svg") ? style.fill : style.color), behind);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const found = contrast(front, behind);
    if (found < (large ? 3 : 4.5)) {
      faint.set(`${front} on ${behind}`, `${element.className.baseVal ?? element.className}: ${text.trim().slice(0, 30)}: ${found.toFixed(2)}`);
    }
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || !element.checkVisibility() || element.closest("script, .unseen")) continue;
    check(element, getComputedStyle(element), node.data);
  }
  for (const cell of document.querySelectorAll("td[data-n]")) {
    if (cell.checkVisibility()) check(cell, getComputedStyle(cell, "::before"), cell.dataset.n);
  }
  return { texts, faint: [...faint].map((entry) => entry.join(": ")) };
})()
