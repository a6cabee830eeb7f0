using System;

namespace Stylebridge.Wire
{
    /// <summary>One session's frames on their way: window, acknowledgements, rings and what comes back.</summary>
    internal sealed class SenderSession : IConversationOwner
    {
        private const int SlotsBeyondWindow = 4; // what a reader may hold, and the newest
        private const ulong MostFrameBytes = int.MaxValue - 65536; // what an array holds

        private readonly SenderOptions _options;
        private readonly WireLink _link;
        private readonly Outbox _outbox;
        private readonly SenderCounters _counters;
        private readonly WirePart[] _parts = new WirePart[1 + WireConstants.MaxPlanes];
        private readonly byte[] _first = new byte[FrameHeader.MaxBytes];
        private readonly bool _isLive;
        private readonly bool _mayUseRing;
        private ulong _acknowledged;
        private int _window = 1;

        internal SenderSession(SenderOptions options, WireLink link, Outbox outbox, SenderCounters counters)
        {
            _options = options;
            _link = link;
            _outbox = outbox;
            _counters = counters;
            _isLive = options.Flow == WireFlow.Live;
            _mayUseRing = options.SharedMemory && Endpoint.IsLocal(link.Endpoint);
            Replies = new ReplyBox(options, Id);
            Planes = new PlaneChoice(options.Planes);
        }

        internal WireId Id { get; } = WireId.NewRandom();

        internal OutLane Lane { get; } = new OutLane();

        internal ReplyBox Replies { get; }

        internal Conversation Talk { get; set; }

        internal PlaneChoice Planes { get; }

        internal long MaxFrameBytes { get; private set; } = WireConstants.MaxFrameBytes;

        public HelloMessage Hello(bool isResumed)
        {
            return new HelloMessage
            {
                Name = _options.Name,
                Engine = _options.Engine,
                Session = Id,
                Resume = isResumed,
                Flow = _options.Flow,
                Lanes = _mayUseRing ? new[] { "ring", "inline" } : new[] { "inline" },
                Planes = Planes.Words(),
                Controls = Talk.Controls.Names(),
                Replies = _options.Replies,
                Acknowledged = _acknowledged,
            };
        }

        public void OnWelcome(WelcomeMessage welcome)
        {
            _window = welcome.Window;
            MaxFrameBytes = (long)Math.Min(welcome.MaxFrameBytes, MostFrameBytes);
            Planes.Choose(welcome.Planes);
            bool hasRing = Array.IndexOf(welcome.Lanes, "ring") >= 0;
            string inlineBecause = !_mayUseRing ? "not asked for, or not on one host"
                : !hasRing ? "the collector wants no shared memory" : "";
            // A new link knows no ring: what lies in one is sent again inline.
            Lane.StartOver(inlineBecause, welcome.Window + SlotsBeyondWindow);
            Replies.StartOver();
            TakeOver(welcome.Sequence);
            _counters.Dropped += _outbox.StartOver(_acknowledged, _isLive);
        }

        public void OnAck(ref Ack ack)
        {
            Lane.Return(ack.Ring, ack.Released);
            _window = ack.Window > 0 ? ack.Window : _window;
            TakeOver(ack.Sequence);
            _outbox.Acknowledge(_acknowledged);
        }

        public void OnReply(WireMessage message)
        {
            bool isOpen = Replies.TryOpen(message, out Ack ack, out bool wasDropped, out WireError error);
            _counters.Replies += isOpen ? 1 : 0;
            _counters.RepliesDropped += wasDropped ? 1 : 0;
            if (!isOpen)
            {
                Talk.Note(error, "a frame that came back was refused with " + WireWords.WordFrom(error));
            }
            if (ack.Sequence > 0)
            {
                ack.Window = (ushort)_window;
                _link.TrySend(ref ack);
            }
        }

        public void OnLane(LaneMessage message)
        {
            switch (message.Act)
            {
                case LaneAct.Offer:
                    _link.TrySend(Replies.Answer(message));
                    break;
                case LaneAct.Close:
                    Replies.CloseRing(message.Ring);
                    break;
                default:
                    Lane.Settle(message);
                    break;
            }
        }

        internal bool HasRoom(ulong payloadBytes)
        {
            bool fits = _outbox.Kept == 0 || _outbox.KeptBytes + (long)payloadBytes <= _options.MaxHeldBytes;
            return Talk.Welcome != null && _outbox.Kept < _window && fits;
        }

        /// <summary>Takes a frame's planes into the ring, or else into an array.</summary>
        internal void Store(HeldFrame frame, WirePart[] planes)
        {
            if (!TryStoreInRing(frame, planes))
            {
                frame.FillArray(planes);
            }
        }

        /// <summary>live: sends a frame whose planes are still the game's; false when it was stored to wait.</summary>
        internal bool TrySendAtOnce(HeldFrame frame, WirePart[] planes)
        {
            bool mayLeave = Talk.State == SenderState.Streaming && _outbox.Unfinished == 0 && _outbox.Flying < _window;
            bool isInRing = TryStoreInRing(frame, planes);
            if (mayLeave && !isInRing)
            {
                Array.Copy(planes, 0, _parts, 1, frame.Header.PlaneCount);
            }
            if (mayLeave && TrySend(frame, isInRing ? 1 : 1 + frame.Header.PlaneCount))
            {
                _outbox.SentAtOnce(frame.Sequence);
                _outbox.Recycle(frame);
                return true;
            }
            if (!isInRing)
            {
                frame.FillArray(planes);
            }
            return false;
        }

        /// <summary>Sends what the window has room for.</summary>
        internal void Push()
        {
            if (Talk.State != SenderState.Streaming)
            {
                return;
            }
            SayLane();
            if (_isLive)
            {
                PushWaiting();
                return;
            }
            for (HeldFrame frame = NextKept(); frame != null && TryTransmit(frame); frame = NextKept())
            {
                _outbox.SentKept(frame.Sequence);
            }
        }

        internal void Close()
        {
            Lane.Close();
            Replies.StartOver();
        }

        private HeldFrame NextKept()
        {
            return _outbox.NextKept(_acknowledged, _window);
        }

        /// <summary>Notes how far the collector is; nobody has what was never sent.</summary>
        private void TakeOver(ulong sequence)
        {
            if (sequence > Math.Max(_outbox.HighestSent, _acknowledged))
            {
                Talk.Note(WireError.BadValue, "frame " + sequence + " acknowledged, which wasn't sent");
                return;
            }
            _acknowledged = Math.Max(_acknowledged, sequence);
            _counters.Acknowledged = _acknowledged;
        }

        private void PushWaiting()
        {
            for (HeldFrame frame = _outbox.NextWaiting(_window); frame != null; frame = _outbox.NextWaiting(_window))
            {
                if (frame.Header.PayloadBytes > (ulong)MaxFrameBytes)
                {
                    Talk.Note(WireError.TooLarge, "a frame that waited is too large for this collector");
                    _counters.Dropped++;
                    _outbox.DropWaiting();
                }
                else if (TryTransmit(frame))
                {
                    _outbox.SentWaiting();
                }
                else
                {
                    return;
                }
            }
        }

        private void SayLane()
        {
            for (LaneMessage message = Lane.NextToSay(); message != null; message = Lane.NextToSay())
            {
                if (!_link.TrySend(message))
                {
                    return;
                }
                Lane.Said();
            }
        }

        private bool TryStoreInRing(HeldFrame frame, WirePart[] planes)
        {
            long size = (long)frame.Header.PayloadBytes;
            if (Talk.State != SenderState.Streaming || size < _options.SmallestInRing)
            {
                return false;
            }
            Lane.Prepare(size, _options);
            SayLane();
            if (!Lane.TryTake(size, out OutRing ring, out int slot))
            {
                return false;
            }
            frame.FillSlot(ring, slot, planes);
            return true;
        }

        private bool TryTransmit(HeldFrame frame)
        {
            bool isInRing = frame.Ring != null && frame.Ring.IsKnown;
            if (!isInRing)
            {
                frame.SayInline();
                frame.Point(_parts, 1);
            }
            return TrySend(frame, isInRing ? 1 : 1 + frame.Header.PlaneCount);
        }

        /// <summary>Sends a frame's first part and what else was put into the parts.</summary>
        private bool TrySend(HeldFrame frame, int count)
        {
            frame.Header.Flags = frame.WasSent ? WireFrameFlag.Resent : 0;
            _parts[0] = new WirePart { Bytes = _first, Length = frame.Header.Encode(_first) };
            if (!_link.TrySend(_parts, count))
            {
                return false;
            }
            if (count == 1)
            {
                frame.Ring.Lend(frame.Slot);
                _counters.InRing++;
            }
            _counters.Sent++;
            _counters.Resent += frame.WasSent ? 1 : 0;
            _counters.Bytes += (long)frame.Header.PayloadBytes;
            frame.WasSent = true;
            return true;
        }
    }
}
