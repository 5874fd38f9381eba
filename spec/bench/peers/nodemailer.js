// nodemailer.js TASK N DATA [PORT]: the same of nodemailer, found by NODE_PATH.
'use strict';
const fs = require('fs');
const nodemailer = require('nodemailer');
const MailComposer = require('nodemailer/lib/mail-composer');
const base64 = require('nodemailer/lib/base64');
const quoted = require('nodemailer/lib/qp');

const [task, number, data, port] = process.argv.slice(2);
const count = Number(number);
const slurp = name => fs.readFileSync(`${data}/${name}`);
const text = slurp('text').toString(), html = slurp('html').toString();
const first = slurp('first'), second = slurp('second'), page = slurp('page'), octets = slurp('octets');

const small = () => ({
    from: 'ada@example.org', to: 'bob@example.net', subject: 'Grüße', text, html,
    attachments: [
        { content: first, filename: 'a.pdf', contentType: 'application/pdf' },
        { content: second, filename: 'b.png', contentType: 'image/png' }
    ]
});

const finished = () => ({ envelope: { from: 'ada@example.org', to: ['bob@example.net'] }, raw: octets });
const kept = { pool: true, maxConnections: 1, maxMessages: Infinity };

const send = async (make, options) => {
    const transport = nodemailer.createTransport({ host: '127.0.0.1', port: Number(port), name: 'client.example',
        ...options });
    for (let i = 0; i < count; i++) await transport.sendMail(make());
    transport.close();
};

const tasks = {
    async build() {
        for (let i = 0; i < count; i++) await new MailComposer(small()).compile().build();
    },
    async stream() {
        for (let i = 0; i < count; i++) {
            const mail = new MailComposer({ from: 'ada@example.org', to: 'bob@example.net',
                subject: 'a file', text, attachments: [{ path: `${data}/large` }] });
            await new Promise((resolve, reject) => mail.compile().createReadStream()
                .on('error', reject).pipe(fs.createWriteStream('/dev/null')).on('finish', resolve));
        }
    },
    async base64() {
        for (let i = 0; i < count; i++) base64.wrap(base64.encode(page), 76);
    },
    async quoted() {
        for (let i = 0; i < count; i++) quoted.wrap(quoted.encode(page), 76);
    },
    send: () => send(small, { ignoreTLS: true, ...kept }),
    kept: () => send(finished, { ignoreTLS: true, ...kept }),
    fresh: () => send(finished, { ignoreTLS: true }),
    tls: () => send(finished, { secure: true, tls: { ca: slurp('certificate.pem'), servername: 'localhost' } })
};

tasks[task]().catch(error => { console.error(error); process.exit(1); });
