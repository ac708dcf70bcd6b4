// Gives the handles of sliders the words beside them, which a screen reader then tells.

function render({ el }) {
  const tell = () => {
    const scope = el.closest(".jp-OutputArea-output") || document;
    for (const row of scope.querySelectorAll(".widget-hslider, .widget-slider")) {
      const words = row.querySelector(".widget-label")?.textContent;
      const [handle, readout] = [".noUi-handle", ".widget-readout"].map((one) =>
        row.querySelector(one),
      );
      if (!words || !handle || !readout) continue;
      handle.setAttribute("aria-label", words);
      readout.setAttribute("aria-label", words);
      handle.setAttribute("aria-valuetext", readout.textContent);
    }
  };
  const watch = new MutationObserver(tell);
  const begin = requestAnimationFrame(() => {
    const scope = el.closest(".jp-OutputArea-output") || document.body;
    watch.observe(scope, { childList: true, characterData: true, subtree: true });
    tell();
  });
  return () => {
    cancelAnimationFrame(begin);
    watch.disconnect();
  };
}

export default { render };
