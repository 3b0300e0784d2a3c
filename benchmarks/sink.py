"""The least mail server there can be: it says yes to everything and keeps nothing, so as not to be what is measured.

Run as `python sink.py FILE_DESCRIPTOR`, with a listening socket. Standard library only.
"""

import socket
import sys
import threading

END = b"\r\n.\r\n"
PART = 65_536


def talk(connection: socket.socket) -> None:
    """One connection, until it is closed."""
    with connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(b"220 sink\r\n")
        waiting = b""
        while part := connection.recv(PART):
            waiting += part
            while b"\r\n" in waiting:
                line, _end, waiting = waiting.partition(b"\r\n")
                command = line[:4].upper()
                if command == b"EHLO":
                    connection.sendall(b"250-sink\r\n250-PIPELINING\r\n250 8BITMIME\r\n")
                elif command == b"DATA":
                    connection.sendall(b"354 go on\r\n")
                    waiting = after_the_mail(connection, waiting)
                    connection.sendall(b"250 taken\r\n")
                elif command == b"QUIT":
                    connection.sendall(b"221 bye\r\n")
                    return
                else:
                    connection.sendall(b"250 fine\r\n")


def after_the_mail(connection: socket.socket, waiting: bytes) -> bytes:
    """Read to the end of a mail; gives back what followed it."""
    while END not in waiting:
        part = connection.recv(PART)
        if not part:
            return b""
        waiting = waiting + part
    return waiting.partition(END)[2]


def serve(listening: socket.socket) -> None:
    """A thread for each connection, for ever."""
    while True:
        connection, _peer = listening.accept()
        threading.Thread(target=talk, args=(connection,), daemon=True).start()


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
