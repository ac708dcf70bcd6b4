// Files as links: a click keeps the file on the machine of the browser.

function render({ model, el }) {
  el.className += " sgim-downloads";
  let addresses = [];
  const forget = () => addresses.forEach((address) => URL.revokeObjectURL(address));
  const renew = () => {
    forget();
    const files = Object.entries(model.get("files"));
    const links = files.map(([name, content]) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([content]));
      link.download = link.textContent = name;
      return link;
    });
    addresses = links.map((link) => link.href);
    el.replaceChildren(...(links.length ? ["Download: ", ...links] : []));
  };
  model.on("change:files", renew);
  renew();
  return () => {
    model.off("change:files", renew);
    forget();
  };
}

export default { render };
