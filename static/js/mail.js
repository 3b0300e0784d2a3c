// Makes the frame of a mail as high as the mail, so that only the page scrolls. Without scripts the frame scrolls by itself.
const frame = document.querySelector("iframe.mail");

function follow() {
  const mail = frame.contentDocument?.documentElement; // none while an error of the browser stands in the frame
  if (!mail || frame.contentDocument.URL === "about:blank") return;
  new ResizeObserver(() => { frame.style.height = `${mail.offsetHeight}px`; }).observe(mail);
}

if (frame) {
  frame.addEventListener("load", follow);
  if (frame.contentDocument?.readyState === "complete") follow(); // it was there before this script
}
