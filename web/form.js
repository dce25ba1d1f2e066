// Counts a script while it is typed, and keeps a form from being sent twice.

const clock = (s) => `${Math.floor(s / 60)}:${String(Math.round(s) % 60).padStart(2, "0")}`;

for (const text of document.querySelectorAll("[data-count]")) {
	const said = document.getElementById(text.dataset.count);
	const count = () => {
		const n = [...text.value].length;
		const seconds = Math.round(n * text.dataset.second);
		said.textContent = `${n} of ${text.dataset.most} characters, about ${clock(seconds)}`;
		if (text.dataset.price) said.textContent += `, about $${(n * text.dataset.second * text.dataset.price).toFixed(2)}`;
		said.classList.toggle("over", n > text.dataset.most);
	};
	text.addEventListener("input", count);
	count();
}

for (const form of document.querySelectorAll("form[data-once]")) {
	form.addEventListener("submit", () => {
		for (const button of form.querySelectorAll("button")) button.setAttribute("aria-busy", "true");
	});
}

for (const button of document.querySelectorAll("[data-copy]")) {
	button.hidden = false;
	button.addEventListener("click", async () => {
		await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
		button.textContent = "Copied";
	});
}
