// Search in PAGES ([address, heading, text, title of the page] for each heading): every word must occur in heading or
// text, and headings count most. Pages are short texts of our own, so nothing cleverer is needed.
const box = document.getElementById("search");
const list = document.getElementById("found");
const MOST = 12;

function score(page, words) {
  const title = page[1].toLowerCase();
  const text = page[2].toLowerCase();
  let sum = 0;
  for (const word of words) {
    const hits = (title.includes(word) ? 10 : 0) + Math.min(text.split(word).length - 1, 5);
    if (!hits) return 0;
    sum += hits;
  }
  return sum;
}

function excerpt(text, word) {
  const at = Math.max(0, text.toLowerCase().indexOf(word) - 40);
  return (at ? "…" : "") + text.slice(at, at + 130) + "…";
}

function show() {
  const words = box.value.toLowerCase().split(/\s+/).filter((word) => word.length > 1);
  const best = PAGES.map((page) => [words.length ? score(page, words) : 0, page])
    .filter((entry) => entry[0])
    .sort((a, b) => b[0] - a[0])
    .slice(0, MOST);
  list.replaceChildren();
  for (const [, page] of best) {
    const link = document.createElement("a");
    link.href = BASE + page[0];
    link.textContent = page[1] === page[3] ? page[1] : `${page[3]}: ${page[1]}`;
    const text = document.createElement("small");
    text.textContent = excerpt(page[2], words[0]);
    const item = document.createElement("li");
    item.append(link, text);
    list.append(item);
  }
  if (words.length && !best.length) {
    const item = document.createElement("li");
    item.textContent = "Nothing found.";
    list.append(item);
  }
  list.hidden = !words.length;
}

box.addEventListener("input", show);
box.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    box.value = "";
    show();
  }
  if (event.key === "Enter" && list.querySelector("a")) location.href = list.querySelector("a").href;
});
list.addEventListener("click", () => { list.hidden = true; });

// On a small screen the list of pages would stand before the text.
if (window.innerWidth < 736) document.querySelector("nav details").open = false;
