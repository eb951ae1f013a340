import { connect } from 'node:net';

/** Asks over and over on raw sockets, so that whoever answers is what is measured. Arguments: port, path, token, ms. */
const [port = '', path = '', token = '', durationMs = ''] = process.argv.slice(2);
const SOCKETS = 32;
const REQUEST = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\nauthorization: Bearer ${token}\r\n\r\n`;
const endMs = performance.now() + Number(durationMs);
let answered = 0;
let refused = 0;

async function askOn(): Promise<void> {
  const socket = connect(Number(port), '127.0.0.1');
  socket.setNoDelay(true);
  let text = '';
  await new Promise<void>((resolve, reject) => {
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const head = text.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(text)?.[1] ?? 0);
      if (text.length < head + 4 + length) return;
      if (text.startsWith('HTTP/1.1 200')) answered += 1;
      else refused += 1;
      text = '';
      if (performance.now() < endMs) socket.write(REQUEST);
      else resolve();
    });
    socket.on('connect', () => socket.write(REQUEST));
  });
  socket.destroy();
}

await Promise.all(Array.from({ length: SOCKETS }, askOn));
process.send?.({ answered, refused });
process.disconnect();
