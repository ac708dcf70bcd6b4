// A source, its edit above it up to a line that a slider moves, and the last edit beside them.

function figure(parent, words, ...pictures) {
  const made = document.createElement("figure");
  const frame = document.createElement("div");
  const caption = document.createElement("figcaption");
  frame.className = "sgim-frame";
  frame.append(...pictures);
  pictures[0].addEventListener("load", ({ target }) => {
    frame.style.aspectRatio = `${target.naturalWidth} / ${target.naturalHeight}`;
  });
  caption.textContent = words;
  made.append(frame, caption);
  parent.append(made);
  return made;
}

function follow(model, name, image, shown) {
  let address = "";
  const renew = () => {
    URL.revokeObjectURL(address);
    const content = model.get(name);
    const isThere = Boolean(content && content.byteLength);
    address = isThere ? URL.createObjectURL(new Blob([content], { type: "image/jpeg" })) : "";
    if (isThere) image.src = address;
    shown(isThere);
  };
  model.on(`change:${name}`, renew);
  renew();
  return () => {
    model.off(`change:${name}`, renew);
    URL.revokeObjectURL(address);
  };
}

function render({ model, el }) {
  el.className += " sgim-wipe";
  const [before, after, ghost] = [new Image(), new Image(), new Image()];
  const slider = document.createElement("input");
  Object.assign(slider, { type: "range", min: 0, max: 100, value: 0 });
  slider.setAttribute("aria-label", "wipe: how much of the picture is the source");
  slider.title = "wipe from the edit to the source";
  const main = figure(el, "edit; the slider wipes to the source", before, after);
  main.insertBefore(slider, main.lastChild);
  const last = figure(el, "last edit", ghost);

  const wipe = () => (after.style.clipPath = `inset(0 0 0 ${slider.value}%)`);
  slider.addEventListener("input", wipe);
  const name = () => {
    before.alt = model.get("before_words");
    after.alt = model.get("after_words");
    ghost.alt = model.get("ghost_words");
  };
  model.on("change:before_words change:after_words change:ghost_words", name);
  name();
  wipe();
  const ends = [
    follow(model, "before", before, () => {}),
    follow(model, "after", after, (isThere) => {
      after.hidden = !isThere;
      slider.disabled = !isThere;
      main.lastChild.textContent = isThere ? "edit; the slider wipes to the source" : "source";
    }),
    follow(model, "ghost", ghost, (isThere) => (last.hidden = !isThere)),
  ];
  return () => ends.forEach((end) => end());
}

export default { render };
