using System;
using System.Threading;

namespace Stylebridge.Wire
{
    /// <summary>The socket of the day, with when it last spoke and heard.</summary>
    internal sealed class WireLink
    {
        private const int RetryMs = 1000;

        private readonly IWireSocketFactory _factory;
        private readonly IWireClock _clock;
        private readonly string _endpoint;
        private readonly CurveKeys _keys;
        private readonly int _maxPartBytes;
        private readonly byte[] _small = new byte[64];
        private readonly WirePart[] _one = new WirePart[1];
        private IWireSocket _socket;
        private long _retryMs;

        internal WireLink(IWireSocketFactory factory, IWireClock clock, SenderOptions options)
        {
            _factory = factory;
            _clock = clock;
            _endpoint = Stylebridge.Wire.Endpoint.Parse(options.Endpoint, options.Keys != null);
            _keys = options.Keys;
            int most = options.Replies ? options.MaxReplyBytes : 0;
            _maxPartBytes = Math.Max(most, WireConstants.MaxJsonBytes + WirePrefix.Bytes);
            Inbox = new WireMessage((int)Math.Min((long)_maxPartBytes + FrameHeader.MaxBytes, int.MaxValue));
        }

        internal string Endpoint
        {
            get { return _endpoint; }
        }

        /// <summary>The newest received message.</summary>
        internal WireMessage Inbox { get; }

        internal long HeardMs { get; private set; }

        internal long ToldMs { get; private set; }

        /// <summary>How many sockets there have been.</summary>
        internal int Opened { get; private set; }

        /// <summary>Why there is no socket; empty when there is one.</summary>
        internal string Trouble { get; private set; } = "";

        /// <summary>Makes a socket when there is none; false while that fails.</summary>
        internal bool TryOpen()
        {
            if (_socket != null)
            {
                return true;
            }
            if (_clock.NowMs < _retryMs)
            {
                return false;
            }
            IWireSocket socket = null;
            try
            {
                socket = _factory.Create(_maxPartBytes);
                socket.Connect(_endpoint, _keys);
                _socket = socket;
                Opened++;
                HeardMs = ToldMs = _clock.NowMs;
                Trouble = "";
                return true;
            }
            catch (Exception error)
            {
                _socket = socket;
                Fail(error);
                return false;
            }
        }

        internal bool TrySend(WirePart[] parts, int count)
        {
            try
            {
                if (_socket == null || !_socket.TrySend(parts, count))
                {
                    return false;
                }
            }
            catch (Exception error)
            {
                Fail(error);
                return false;
            }
            ToldMs = _clock.NowMs;
            return true;
        }

        internal bool TrySend(JsonMessage message)
        {
            byte[] bytes = message.Encode();
            return TrySend(bytes, bytes.Length);
        }

        internal bool TrySend(ref Ack ack)
        {
            return TrySend(_small, ack.Encode(_small));
        }

        internal bool TryPing()
        {
            return TrySend(_small, Ping.Encode(_small, _clock.WallNs));
        }

        internal bool TryPong(ulong sentNs)
        {
            return TrySend(_small, Ping.EncodeAnswer(_small, sentNs, _clock.WallNs));
        }

        internal bool TryReceive()
        {
            try
            {
                if (_socket == null || !_socket.TryReceive(Inbox))
                {
                    return false;
                }
            }
            catch (Exception error)
            {
                Fail(error);
                return false;
            }
            HeardMs = _clock.NowMs;
            return true;
        }

        internal void Wait(int timeoutMs)
        {
            if (_socket == null)
            {
                Thread.Sleep(timeoutMs);
                return;
            }
            try
            {
                _socket.Poll(timeoutMs);
            }
            catch (Exception error)
            {
                Fail(error);
            }
        }

        internal void Close(int lingerMs)
        {
            try
            {
                _socket?.Close(lingerMs);
                _socket = null;
            }
            catch (Exception error)
            {
                Fail(error);
            }
        }

        private bool TrySend(byte[] bytes, int count)
        {
            _one[0] = new WirePart { Bytes = bytes, Length = count };
            return TrySend(_one, 1);
        }

        /// <summary>Whatever the socket's library throws, the game goes on and tries again with a new socket.</summary>
        private void Fail(Exception error)
        {
            IWireSocket socket = _socket;
            _socket = null;
            _retryMs = _clock.NowMs + RetryMs;
            Trouble = error.Message.Length > 0 ? error.Message : error.GetType().Name;
            try
            {
                socket?.Dispose();
            }
            catch (Exception further)
            {
                Trouble += "; " + further.Message;
            }
        }
    }
}
