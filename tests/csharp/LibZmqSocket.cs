using System;
using System.Runtime.InteropServices;
using System.Text;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <summary>The tests' own socket, over the system's libzmq.</summary>
    internal sealed unsafe class LibZmqSocket : IWireSocket
    {
        private const int Queue = 1000;
        private readonly IntPtr _socket;
        private readonly byte* _message = (byte*)Marshal.AllocHGlobal(LibZmq.MessageBytes);
        private bool _isClosed;

        internal LibZmqSocket(IntPtr context, int maxPartBytes)
        {
            _socket = LibZmq.NewSocket(context, LibZmq.Dealer);
            Demand(_socket != IntPtr.Zero, "a socket");
            Set(LibZmq.Linger, 0);
            Set(LibZmq.Immediate, 1);
            Set(LibZmq.SendQueue, Queue);
            Set(LibZmq.ReceiveQueue, Queue);
            Set(LibZmq.ReconnectMs, 20);
            Set(LibZmq.ReconnectMaxMs, 500);
            long most = maxPartBytes;
            Demand(LibZmq.SetOption(_socket, LibZmq.MaxMessageSize, &most, (UIntPtr)8) == 0, "the largest message");
        }

        public void Connect(string endpoint, CurveKeys keys)
        {
            if (endpoint.Contains("["))
            {
                Set(LibZmq.Ipv6, 1);
            }
            if (keys != null)
            {
                Set(LibZmq.CurveServerKey, keys.ServerKey);
                Set(LibZmq.CurvePublicKey, keys.PublicKey);
                Set(LibZmq.CurveSecretKey, keys.SecretKey);
            }
            Demand(LibZmq.Connect(_socket, endpoint) == 0, "a connection to " + endpoint);
        }

        public bool TrySend(WirePart[] parts, int count)
        {
            for (int i = 0; i < count; i++)
            {
                int more = i < count - 1 ? LibZmq.SendMore : 0;
                if (!TrySendPart(ref parts[i], more))
                {
                    // The link went away in the middle: what follows is swallowed up to the message's end.
                    for (int rest = i + 1; i > 0 && rest < count; rest++)
                    {
                        var empty = default(WirePart);
                        TrySendPart(ref empty, rest < count - 1 ? LibZmq.SendMore : 0);
                    }
                    return false;
                }
            }
            return true;
        }

        public bool TryReceive(WireMessage into)
        {
            into.Clear();
            bool isFirst = true;
            bool more = true;
            while (more)
            {
                LibZmq.InitMessage(_message);
                if (LibZmq.Receive(_message, _socket, LibZmq.DontWait) < 0)
                {
                    LibZmq.CloseMessage(_message);
                    return !isFirst;
                }
                long size = (long)LibZmq.Size(_message);
                if (into.TryAdd(size, out byte[] room) && size > 0)
                {
                    Marshal.Copy((IntPtr)LibZmq.Data(_message), room, 0, (int)size);
                }
                more = LibZmq.HasMore(_message) != 0;
                isFirst = false;
                LibZmq.CloseMessage(_message);
            }
            return true;
        }

        public bool Poll(int timeoutMs)
        {
            var item = new LibZmq.PollItem { Socket = _socket, Wanted = LibZmq.PollIn };
            return LibZmq.Poll(&item, 1, (IntPtr)timeoutMs) > 0;
        }

        public void Close(int lingerMs)
        {
            if (_isClosed)
            {
                return;
            }
            _isClosed = true;
            Set(LibZmq.Linger, lingerMs);
            LibZmq.Close(_socket);
            Marshal.FreeHGlobal((IntPtr)_message);
        }

        public void Dispose()
        {
            Close(0);
        }

        private bool TrySendPart(ref WirePart part, int more)
        {
            if (LibZmq.InitMessage(_message, (UIntPtr)part.Length) != 0)
            {
                return false;
            }
            part.CopyTo(LibZmq.Data(_message));
            int sent = LibZmq.Send(_message, _socket, LibZmq.DontWait | more);
            while (sent < 0 && LibZmq.Error() == LibZmq.Interrupted)
            {
                sent = LibZmq.Send(_message, _socket, LibZmq.DontWait | more);
            }
            if (sent < 0)
            {
                LibZmq.CloseMessage(_message);
            }
            return sent >= 0;
        }

        private void Set(int option, int value)
        {
            Demand(LibZmq.SetOption(_socket, option, &value, (UIntPtr)4) == 0, "option " + option);
        }

        private void Set(int option, string value)
        {
            byte[] bytes = Encoding.ASCII.GetBytes(value + "\0");
            fixed (byte* start = bytes)
            {
                Demand(LibZmq.SetOption(_socket, option, start, (UIntPtr)bytes.Length) == 0, "option " + option);
            }
        }

        private static void Demand(bool isDone, string what)
        {
            if (!isDone)
            {
                throw new StylebridgeException("libzmq refused " + what + ": error " + LibZmq.Error());
            }
        }
    }

    /// <summary>Makes sockets in a context of its own.</summary>
    internal sealed class LibZmqSockets : IWireSocketFactory, IDisposable
    {
        private readonly IntPtr _context = LibZmq.NewContext();

        public IWireSocket Create(int maxPartBytes)
        {
            return new LibZmqSocket(_context, maxPartBytes);
        }

        public void Dispose()
        {
            LibZmq.EndContext(_context); // waits for what lingers
        }
    }
}
