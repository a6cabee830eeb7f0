using System;
using NetMQ;
using NetMQ.Sockets;

namespace Stylebridge.Wire
{
    /// <summary>The game's socket over NetMQ, the ZeroMQ that needs no native library.</summary>
    public sealed unsafe class NetMqSocket : IWireSocket
    {
        private const int Queue = 1000;
        private static readonly TimeSpan FirstReconnect = TimeSpan.FromMilliseconds(50);
        private static readonly TimeSpan SlowestReconnect = TimeSpan.FromSeconds(1);

        private readonly DealerSocket _socket = new DealerSocket();
        private bool _isClosed;

        /// <summary>A socket that drops the link when a part has more bytes than this.</summary>
        public NetMqSocket(int maxPartBytes)
        {
            _socket.Options.Linger = TimeSpan.Zero;
            _socket.Options.DelayAttachOnConnect = true; // nothing is queued while there is no connection
            _socket.Options.SendHighWatermark = Queue;
            _socket.Options.ReceiveHighWatermark = Queue;
            _socket.Options.MaxMsgSize = maxPartBytes;
            _socket.Options.ReconnectInterval = FirstReconnect;
            _socket.Options.ReconnectIntervalMax = SlowestReconnect;
        }

        /// <inheritdoc/>
        public void Connect(string endpoint, CurveKeys keys)
        {
            if (endpoint.Contains("["))
            {
                _socket.Options.IPv4Only = false;
            }
            if (keys != null)
            {
                _socket.Options.CurveServerKey = keys.ServerBytes;
                _socket.Options.CurveCertificate = new NetMQCertificate(keys.SecretBytes, keys.PublicBytes);
            }
            _socket.Connect(endpoint);
        }

        /// <inheritdoc/>
        public bool TrySend(WirePart[] parts, int count)
        {
            for (int i = 0; i < count; i++)
            {
                if (TrySendPart(ref parts[i], i < count - 1))
                {
                    continue;
                }
                // The link went away in the middle: what follows is swallowed up to the message's end.
                for (int rest = i + 1; i > 0 && rest < count; rest++)
                {
                    var empty = default(WirePart);
                    TrySendPart(ref empty, rest < count - 1);
                }
                return false;
            }
            return true;
        }

        /// <inheritdoc/>
        public bool TryReceive(WireMessage into)
        {
            into.Clear();
            bool isFirst = true;
            bool more = true;
            while (more)
            {
                var message = default(Msg);
                message.InitEmpty();
                try
                {
                    if (!_socket.TryReceive(ref message, TimeSpan.Zero))
                    {
                        return !isFirst;
                    }
                    if (into.TryAdd(message.Size, out byte[] room) && message.Size > 0)
                    {
                        Buffer.BlockCopy(message.UnsafeData, message.UnsafeOffset, room, 0, message.Size);
                    }
                    more = message.HasMore;
                    isFirst = false;
                }
                finally
                {
                    message.Close();
                }
            }
            return true;
        }

        /// <inheritdoc/>
        public bool Poll(int timeoutMs)
        {
            return (_socket.Poll(PollEvents.PollIn, TimeSpan.FromMilliseconds(timeoutMs)) & PollEvents.PollIn) != 0;
        }

        /// <inheritdoc/>
        public void Close(int lingerMs)
        {
            if (_isClosed)
            {
                return;
            }
            _isClosed = true;
            _socket.Options.Linger = TimeSpan.FromMilliseconds(lingerMs);
            _socket.Dispose();
        }

        /// <inheritdoc/>
        public void Dispose()
        {
            Close(0);
        }

        private bool TrySendPart(ref WirePart part, bool more)
        {
            var message = default(Msg);
            message.InitPool(part.Length);
            bool isSent = false;
            try
            {
                if (part.Length > 0)
                {
                    fixed (byte* start = message.UnsafeData)
                    {
                        part.CopyTo(start + message.UnsafeOffset);
                    }
                }
                isSent = _socket.TrySend(ref message, TimeSpan.Zero, more);
            }
            finally
            {
                // A message that was sent belongs to NetMQ and is empty here; closing it is harmless.
                message.Close();
            }
            return isSent;
        }
    }
}
