/** The editor's page: rows of 16 bytes, each a cell that can be typed over; the next range is asked for when the last comes into sight. */
exports.html = (pageSize) => `<!DOCTYPE html>
<style>
  body { font: 13px 'DejaVu Sans Mono', monospace; padding: 8px 16px; }
  td { padding: 0 4px; white-space: pre; outline-offset: -1px; }
  .offset { opacity: 0.6; padding-right: 12px; }
  .text { padding-left: 12px; }
  .edited { color: var(--vscode-gitDecoration-modifiedResourceForeground); }
  .changed { background: var(--vscode-editor-findMatchHighlightBackground); }
</style>
<table><tbody></tbody></table>
<div id="end"></div>
<script>
  const vscode = acquireVsCodeApi();
  const table = document.querySelector('tbody');
  const hex = (number, digits) => number.toString(16).padStart(digits, '0');
  let last = 0;
  new IntersectionObserver(([end]) => {
    if (end.isIntersecting && end.target.textContent === '') vscode.postMessage({ wanted: last });
  }).observe(document.getElementById('end'));

  addEventListener('message', ({ data: { from, bytes, error } }) => {
    const end = document.getElementById('end');
    if (error !== undefined) {
      end.textContent = error;
      return;
    }
    for (let at = 0; at < bytes.length; at += 16) showRow(from + at, bytes.slice(at, at + 16));
    last = Math.max(last, from + ${pageSize});
    if (bytes.length < ${pageSize}) end.textContent = 'No more can be read';
  });

  function showRow(offset, bytes) {
    const row = document.getElementById('row' + offset) ?? newRow(offset, bytes.length);
    bytes.forEach((byte, i) => {
      const cell = row.cells[i + 1];
      const text = hex(byte, 2);
      cell.className = cell.textContent !== '' && cell.textContent !== text ? 'changed' : '';
      cell.textContent = text;
    });
    const isPrintable = (byte) => byte >= 0x20 && byte < 0x7f;
    row.lastChild.textContent = bytes.map((byte) => (isPrintable(byte) ? String.fromCharCode(byte) : '.')).join('');
  }

  function newRow(offset, length) {
    const row = table.insertRow();
    row.id = 'row' + offset;
    const head = row.insertCell();
    head.className = 'offset';
    head.textContent = hex(offset, 8);
    for (let i = 0; i < length; i++) {
      const cell = row.insertCell();
      cell.tabIndex = 0;
      cell.id = 'byte' + (offset + i);
      cell.addEventListener('keydown', (event) => typed(event, cell, offset + i));
    }
    row.insertCell().className = 'text';
    return row;
  }

  /** Digits come in from the right. */
  function typed(event, cell, offset) {
    if (!/^[0-9a-f]$/i.test(event.key) || event.ctrlKey) return;
    cell.textContent = cell.textContent.slice(1) + event.key.toLowerCase();
    cell.className = 'edited';
    vscode.postMessage({ offset, value: parseInt(cell.textContent, 16) });
  }
</script>`;
