// A drawing whose parts with a number (data-i) can be chosen: by a click, or by the arrow keys.

const STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function center(part) {
  const box = part.getBBox();
  return [box.x + box.width / 2, box.y + box.height / 2];
}

// The nearest part within a right angle around a direction; what lies askew counts as farther.
function neighbor(parts, from, [right, down]) {
  const [x, y] = center(from);
  let best = null;
  for (const part of parts) {
    const [dx, dy] = center(part).map((value, axis) => value - [x, y][axis]);
    const along = dx * right + dy * down;
    const across = Math.abs(dx * down) + Math.abs(dy * right);
    if (part === from || along <= 0 || across > along) continue;
    const distance = along + 2 * across;
    if (!best || distance < best.distance) best = { part, distance };
  }
  return best && best.part;
}

function render({ model, el }) {
  el.className += " sgim-clickable";
  const frame = document.createElement("div");
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  el.append(frame);
  let parts = [];

  const mark = () => {
    const [chosen, marked] = [model.get("chosen"), model.get("marked")];
    parts.forEach((part, index) => {
      part.classList.toggle("sgim-chosen", index === chosen);
      part.classList.toggle("sgim-marked", marked.includes(index));
    });
  };
  const draw = () => {
    frame.innerHTML = model.get("drawing");
    parts = [...frame.querySelectorAll("[data-i]")].sort((a, b) => a.dataset.i - b.dataset.i);
    mark();
  };
  const name = () => frame.setAttribute("aria-label", model.get("words"));
  const choose = (part) => {
    if (!part) return;
    model.set("chosen", Number(part.dataset.i));
    model.save_changes();
  };
  frame.addEventListener("click", (event) => choose(event.target.closest("[data-i]")));
  frame.addEventListener("keydown", (event) => {
    const step = STEPS[event.key];
    if (!step || !parts.length) return;
    event.preventDefault();
    event.stopPropagation();
    const from = parts[model.get("chosen")];
    choose(from ? neighbor(parts, from, step) : parts[0]);
  });
  const follow = { "change:drawing": draw, "change:words": name };
  for (const [change, act] of Object.entries(follow)) model.on(change, act);
  model.on("change:chosen change:marked", mark);
  draw();
  name();
  return () => {
    for (const [change, act] of Object.entries(follow)) model.off(change, act);
    model.off("change:chosen change:marked", mark);
  };
}

export default { render };
