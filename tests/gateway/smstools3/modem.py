"""A GSM modem on a TCP port, as smstools3's smsd reaches one: AT commands in PDU mode. What it is
told to send goes to `sent(to, data, unicode, reference, total, part)`; each submission that asks for
one gets a status report. TP-PDUs: 3GPP 23.040."""
import datetime
import re
import socketserver
import threading

BASIC = ("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZ"
         "ÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà")
EXTENDED = {"^": 0x14, "{": 0x28, "}": 0x29, "\\": 0x2F, "[": 0x3C, "~": 0x3D, "]": 0x3E, "|": 0x40,
            "€": 0x65}
PLACES = 60  # texts that its memory holds


def septets_of(text):
    out = []
    for c in text:
        out += [0x1B, EXTENDED[c]] if c in EXTENDED else [BASIC.index(c)]
    return out


def text_of(septets):
    out, escaped = "", False
    back = {v: k for k, v in EXTENDED.items()}
    for s in septets:
        if escaped:
            out, escaped = out + back.get(s, "?"), False
        elif s == 0x1B:
            escaped = True
        else:
            out += BASIC[s]
    return out


def pack(septets, fill):
    bits = sum(s << (7 * i) for i, s in enumerate(septets)) << fill
    return bits.to_bytes((7 * len(septets) + fill + 7) // 8, "little")


def unpack(data, count, fill):
    bits = int.from_bytes(data, "little") >> fill
    return [(bits >> (7 * i)) & 0x7F for i in range(count)]


def swapped(digits):
    digits += "F" * (len(digits) % 2)
    return bytes(int(digits[i + 1] + digits[i], 16) for i in range(0, len(digits), 2))


def address(number):
    digits = number.lstrip("+")
    return bytes([len(digits), 0x91]) + swapped(digits)


def now_stamp():
    now = datetime.datetime.now(datetime.timezone.utc)
    return swapped(now.strftime("%y%m%d%H%M%S") + "00")


def deliver(number, piece, unicode, header):
    """An SMS-DELIVER with an empty service centre, in hex."""
    first = 0x04 | (0x40 if header else 0)
    if unicode:
        body = header + piece.encode("utf-16-be")
        length = len(body)
    else:
        septets = septets_of(piece)
        fill = -8 * len(header) % 7
        body = header + pack(septets, fill)
        length = (8 * len(header) + fill) // 7 + len(septets)
    pdu = bytes([first]) + address(number) + bytes([0, 8 if unicode else 0]) + now_stamp()
    return "00" + (pdu + bytes([length]) + body).hex().upper()


def report(reference, number):
    pdu = bytes([0x06, reference]) + address(number) + now_stamp() + now_stamp() + b"\0"
    return "00" + pdu.hex().upper()


class Submitted:
    """An SMS-SUBMIT read."""

    def __init__(self, data):
        data = data[1 + data[0]:]  # the service centre
        first, digits = data[0], data[2]
        self.wants_report = bool(first & 0x20)
        at = 4 + (digits + 1) // 2
        number = "".join(f"{b & 15:X}{b >> 4:X}" for b in data[4:at])[:digits]
        self.to = "+" + number
        coding = data[at + 1]
        at += 2 + {0x00: 0, 0x10: 1}.get(first & 0x18, 7)  # how long it is valid
        length, body = data[at], data[at + 1:]
        self.unicode = coding & 0x0C == 0x08
        header = body[:1 + body[0]] if first & 0x40 else b""
        self.reference, self.total, self.part = tuple(header[3:6]) if header else (None, 1, 1)
        if self.unicode:
            self.data = body[len(header):length]
        else:
            fill = -8 * len(header) % 7
            count = length - (8 * len(header) + fill) // 7
            self.data = text_of(unpack(body[len(header):], count, fill)).encode("ascii")


class Modem(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True

    def __init__(self, sent):
        super().__init__(("127.0.0.1", 0), Talk)
        self.port = self.server_address[1]
        self.sent, self.lock = sent, threading.Lock()
        self.memory, self.reference, self.reports = {}, 0, 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def store(self, pdu):
        with self.lock:
            place = next(i for i in range(1, PLACES + 1) if i not in self.memory)
            self.memory[place] = pdu

    def arrive(self, number, pieces, reference, unicode):
        for i, piece in enumerate(pieces, 1):
            header = bytes([5, 0, 3, reference, len(pieces), i]) if len(pieces) > 1 else b""
            self.store(deliver(number, piece, unicode, header))

    def submit(self, pdu):
        text = Submitted(bytes.fromhex(pdu))
        self.reference = (self.reference + 1) % 256
        self.sent(text.to, text.data, text.unicode, text.reference, text.total, text.part)
        if text.wants_report:
            self.reports += 1
            self.store(report(self.reference, text.to))
        return self.reference


class Talk(socketserver.BaseRequestHandler):
    """One conversation in AT commands."""

    def say(self, *lines):
        self.request.sendall("".join(f"\r\n{x}\r\n" for x in lines).encode())

    def handle(self):
        left, pdu_next = b"", False
        while True:
            try:
                got = self.request.recv(4096)
            except OSError:
                return
            if not got:
                return
            left += got
            while True:
                end = b"\x1a" if pdu_next else b"\r"
                if end not in left:
                    break
                line, _, left = left.partition(end)
                line = line.decode("latin1").strip()
                if pdu_next:
                    pdu_next = False
                    self.say(f"+CMGS: {self.server.submit(line)}", "OK")
                elif line.startswith("AT+CMGS="):
                    pdu_next = True
                    self.request.sendall(b"\r\n> ")
                elif line:
                    self.answer(line)

    def answer(self, line):
        place = int((re.search(r"=(\d+)", line) or [0, 0])[1])
        with self.server.lock:
            memory = dict(self.server.memory)
        if line.startswith("AT+CPIN?"):
            self.say("+CPIN: READY", "OK")
        elif line.startswith("AT+CREG?"):
            self.say("+CREG: 0,1", "OK")
        elif line.startswith("AT+CSQ"):
            self.say("+CSQ: 20,0", "OK")
        elif line.startswith(("AT+CGSN", "AT+CIMI")):
            self.say("234150000000001", "OK")
        elif line.startswith("AT+CPMS?"):
            used = f'"SM",{len(memory)},{PLACES}'
            self.say(f"+CPMS: {used},{used},{used}", "OK")
        elif line.startswith("AT+CMGR="):
            pdu = memory.get(place)
            self.say(*([f"+CMGR: 0,,{len(pdu) // 2 - 1}\r\n{pdu}"] if pdu else []), "OK")
        elif line.startswith("AT+CMGD="):
            with self.server.lock:
                self.server.memory.pop(place, None)
            self.say("OK")
        else:
            self.say("OK")
