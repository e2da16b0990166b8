// How a number may be written into a programme. A missing leading zero and a needless trailing zero are refused: both
// have caused tenfold overdoses (ISMP, List of Error-Prone Abbreviations, Symbols, and Dose Designations). Pure.

/** {value, error}: the text as it goes to the daemon, or why it cannot be used. digits: most after the point. */
export function number(text, digits) {
  const t = text.trim();
  const wrong = (error) => ({ value: null, error });
  if (t === "") return wrong("Enter a number.");
  if (t.includes(",")) return wrong("Use a point, not a comma.");
  if (t.startsWith("-")) return wrong("It cannot be negative.");
  if (!/^[0-9]*\.?[0-9]*$/.test(t) || t === ".") return wrong("Enter a plain number, such as 12.5.");
  if (t.startsWith(".")) return wrong(`Write 0${t}, not ${t}.`);
  if (t.endsWith(".")) return wrong(`Write ${t.slice(0, -1)}, not ${t}.`);
  if (/^0[0-9]/.test(t)) return wrong(`Write ${t.replace(/^0+(?=[0-9])/, "")}, not ${t}.`);
  if (/\.[0-9]*0$/.test(t)) return wrong(`Write ${t.replace(/\.?0+$/, "")}, not ${t}.`);
  if ((t.split(".")[1] ?? "").length > digits)
    return wrong(digits === 1 ? "At most one digit after the point." : `At most ${digits} digits after the point.`);
  if (Number(t) === 0) return wrong("It must be more than 0.");
  return { value: t, error: "" };
}
