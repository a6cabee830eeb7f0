using System;
using System.Collections.Generic;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <summary>A collector within the process: it says what a check puts into it, and keeps what it is told.</summary>
    internal sealed class ScriptedSockets : IWireSocketFactory, IWireClock
    {
        private readonly Queue<byte[]> _unsaid = new Queue<byte[]>();

        public long NowMs { get; set; } = 5000;

        public ulong WallNs
        {
            get { return 1; }
        }

        /// <summary>Whether messages can leave.</summary>
        internal bool Takes { get; set; } = true;

        /// <summary>Whether the socket's library throws when something is sent, or when the socket is closed.</summary>
        internal bool FailsToSend { get; set; }

        internal bool FailsToClose { get; set; }

        /// <summary>Done when the game waits, once.</summary>
        internal Action WhileWaiting { get; set; }

        internal int Made { get; private set; }

        internal int Tries { get; private set; }

        /// <summary>The first parts that left.</summary>
        internal List<byte[]> Told { get; } = new List<byte[]>();

        public IWireSocket Create(int maxPartBytes)
        {
            Made++;
            return new Socket(this);
        }

        internal void Say(JsonMessage message)
        {
            _unsaid.Enqueue(message.Encode());
        }

        internal void SayPing()
        {
            var ping = new byte[Ping.Bytes];
            Ping.Encode(ping, 77);
            _unsaid.Enqueue(ping);
        }

        /// <summary>Takes the game in.</summary>
        internal void Welcome(Sender sender, ulong maxFrameBytes = 1 << 20, string plane = "color")
        {
            Welcome(sender.Session, sender.Counters.Acknowledged, maxFrameBytes, plane);
        }

        internal void WelcomeWhoSaidHello()
        {
            byte[] first = Told.Find(told => told[6] == (int)WireKind.Hello);
            Welcome(((HelloMessage)JsonMessage.Decode(first, first.Length)).Session, 0, 1 << 20, "color");
        }

        private void Welcome(WireId session, ulong sequence, ulong maxFrameBytes, string plane)
        {
            Say(new WelcomeMessage
            {
                Name = "script",
                Session = session,
                Sequence = sequence,
                Window = 4,
                Lanes = new[] { "inline" },
                Planes = new[] { "color", plane },
                MaxFrameBytes = maxFrameBytes,
                HeartbeatMs = 1000,
                TimeoutMs = 10000,
            });
        }

        /// <summary>The kinds of what left, as words.</summary>
        internal string Kinds()
        {
            return string.Join(" ", Told.ConvertAll(first => ((WireKind)first[6]).ToString()));
        }

        internal int Count(WireKind kind)
        {
            return Told.FindAll(first => first[6] == (int)kind).Count;
        }

        private sealed class Socket : IWireSocket
        {
            private readonly ScriptedSockets _script;

            internal Socket(ScriptedSockets script)
            {
                _script = script;
            }

            public void Connect(string endpoint, CurveKeys keys)
            {
            }

            public bool TrySend(WirePart[] parts, int count)
            {
                _script.Tries++;
                if (_script.FailsToSend)
                {
                    throw new InvalidOperationException("no sending today");
                }
                if (_script.Takes)
                {
                    var first = new byte[parts[0].Length];
                    Buffer.BlockCopy(parts[0].Bytes, parts[0].Offset, first, 0, first.Length);
                    _script.Told.Add(first);
                }
                return _script.Takes;
            }

            public bool TryReceive(WireMessage into)
            {
                into.Clear();
                if (_script._unsaid.Count == 0)
                {
                    return false;
                }
                byte[] message = _script._unsaid.Dequeue();
                into.TryAdd(message.Length, out byte[] room);
                Buffer.BlockCopy(message, 0, room, 0, message.Length);
                return true;
            }

            public bool Poll(int timeoutMs)
            {
                Action act = _script.WhileWaiting;
                _script.WhileWaiting = null;
                act?.Invoke();
                _script.NowMs += timeoutMs;
                return act != null;
            }

            public void Close(int lingerMs)
            {
                if (_script.FailsToClose)
                {
                    throw new InvalidOperationException("no closing today");
                }
            }

            public void Dispose()
            {
                Close(0);
            }
        }
    }
}
