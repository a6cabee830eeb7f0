using System;

namespace Stylebridge.Wire
{
    /// <summary>The game's end of the bridge. No thread: what has to be done is done within the game's calls.</summary>
    /// <remarks>
    /// All calls come from one thread. What a game's handlers throw on an answer reaches the game. Who forgets
    /// <c>Close</c> or <c>Dispose</c> keeps a ring's memory until the process ends.
    /// </remarks>
    public sealed class Sender : IDisposable
    {
        private const int LingerMs = 1000;
        private const int NudgeMs = 250;
        private const int WaitMs = 20;

        private readonly SenderOptions _options;
        private readonly IWireClock _clock;
        private readonly Outbox _outbox = new Outbox();
        private readonly FrameFiller _filler;
        private readonly WireLink _link;
        private readonly Conversation _talk;
        private readonly SenderSession _session;
        private ulong _sequence;
        private bool _isSending;

        /// <summary>Begins to call the collector; frames can be given at once.</summary>
        public Sender(SenderOptions options, IWireSocketFactory sockets, IWireClock clock)
        {
            _options = options;
            _clock = clock;
            _link = new WireLink(sockets, clock, options);
            _session = new SenderSession(options, _link, _outbox, Counters);
            _talk = new Conversation(_link, clock, _session, Counters);
            _session.Talk = _talk;
            _filler = new FrameFiller(_session.Id, clock, options.Checksums);
            _talk.Controls.Register("planes", _session.Planes.Obey);
        }

        /// <summary>What has happened so far.</summary>
        public SenderCounters Counters { get; } = new SenderCounters();

        /// <summary>How far the sender is.</summary>
        public SenderState State
        {
            get { return _talk.State; }
        }

        /// <summary>What went wrong last, for people; empty when nothing did.</summary>
        public string LastFault
        {
            get { return _link.Trouble.Length > 0 ? _link.Trouble : _talk.LastFault; }
        }

        /// <summary>Why frames don't go through shared memory; empty when nothing speaks against it.</summary>
        public string InlineBecause
        {
            get { return _session.Lane.InlineBecause; }
        }

        /// <summary>The session, the same over reconnects.</summary>
        public WireId Session
        {
            get { return _session.Id; }
        }

        /// <summary>The sequence of the newest frame that was taken.</summary>
        public ulong Sequence
        {
            get { return _sequence; }
        }

        /// <summary>Frames that aren't safe, or in the live flow haven't left.</summary>
        public int Unfinished
        {
            get { return _outbox.Unfinished; }
        }

        /// <summary>Whether the collector wants a plane; a game needn't draw the others.</summary>
        public bool Wants(WirePlane plane)
        {
            return (_session.Planes.Wanted & (1u << (int)plane)) != 0;
        }

        /// <summary>Obeys a control that the collector asks for; the handler runs within <c>Pump</c>.</summary>
        public void Obey(string name, ControlHandler handler)
        {
            _talk.Controls.Register(name, handler);
        }

        /// <summary>Asks the collector for something; the answer is given to <c>then</c> within <c>Pump</c>.</summary>
        /// <remarks>False means that the question couldn't leave; nothing is given to <c>then</c>.</remarks>
        public bool TryAsk(string name, JsonValue args, Action<AnswerMessage> then, int timeoutMs)
        {
            if (State != SenderState.Streaming || !_link.TrySend(_talk.Controls.Ask(name, args)))
            {
                return false;
            }
            _talk.Controls.Await(then, _clock.NowMs + timeoutMs);
            return true;
        }

        /// <summary>Does what is due without waiting; called once per frame of the game.</summary>
        public void Pump()
        {
            _talk.Pump();
            _session.Push();
        }

        /// <summary>Gives a frame to the collector.</summary>
        /// <remarks>
        /// live never waits; false means that the frame didn't leave at once and is dropped when a newer one comes.
        /// lossless waits for room and lockstep for the acknowledgement, at most this long; false means that there was
        /// none in time. A lossless frame isn't taken then, a lockstep one is still on its way.
        /// A frame larger than the collector takes, or given after a refusal, is counted and not taken either.
        /// Planes that the collector doesn't want, or that the options don't name, are left out.
        /// The planes are read within this call only, and a timeout of 0 or less never waits.
        /// </remarks>
        public bool TrySend(FrameDescription frame, PlaneData[] planes, int count, int timeoutMs)
        {
            if (_isSending)
            {
                throw new StylebridgeException("a frame given from within a control's handler", "one frame at a time");
            }
            if (State == SenderState.Closed)
            {
                throw new StylebridgeException("a frame for a sender that was closed", "an open sender");
            }
            if (State == SenderState.Refused)
            {
                Counters.Offered++;
                Counters.Dropped++;
                return false;
            }
            HeldFrame held = _outbox.Obtain();
            _isSending = true;
            bool isTaken = false;
            try
            {
                _filler.Fill(held.Header, frame, planes, count, _session.Planes.Wanted);
                if (!IsFit(held.Header))
                {
                    return false;
                }
                Counters.Offered++;
                if (_options.Flow == WireFlow.Live)
                {
                    return SendLive(held, out isTaken);
                }
                isTaken = TryKeep(held, timeoutMs, out long deadlineMs);
                return isTaken && (_options.Flow == WireFlow.Lossless || TryFinish(deadlineMs));
            }
            finally
            {
                _isSending = false;
                if (!isTaken)
                {
                    _outbox.Recycle(held);
                }
            }
        }

        /// <summary>lockstep: gives a frame and gets the one made from it.</summary>
        public bool TryExchange(FrameDescription frame, PlaneData[] planes, int count, int timeoutMs, ReplyFrame into)
        {
            if (_options.Flow != WireFlow.Lockstep || !_options.Replies)
            {
                throw new StylebridgeException("an exchange on this link", "the flow lockstep, with replies");
            }
            return TrySend(frame, planes, count, timeoutMs) && _session.Replies.TryTake(_sequence, into);
        }

        /// <summary>The newest frame that came back and wasn't taken, of each camera in turn.</summary>
        public bool TryTakeReply(ReplyFrame into)
        {
            return _session.Replies.TryTake(into);
        }

        /// <summary>Waits until everything is safe, or in the live flow has left; says BYE and lets go.</summary>
        /// <remarks>False means that something wasn't. live doesn't wait for a collector that isn't there.</remarks>
        public bool Close(int timeoutMs)
        {
            if (State == SenderState.Closed)
            {
                return true;
            }
            try
            {
                Pump();
                bool isWorthWaiting = _options.Flow != WireFlow.Live || State == SenderState.Streaming;
                return TryFinish(_clock.NowMs + (isWorthWaiting ? timeoutMs : 0));
            }
            finally
            {
                Dispose();
            }
        }

        /// <summary>Lets go without waiting.</summary>
        public void Dispose()
        {
            if (State != SenderState.Closed)
            {
                _talk.Close("the game is over", LingerMs);
                _session.Close();
            }
        }

        private bool IsFit(FrameHeader header)
        {
            WireError error = header.Check(_session.MaxFrameBytes);
            if (error == WireError.TooLarge)
            {
                // What a collector takes is its own affair, so the game goes on without this frame.
                _talk.Note(error, "a frame of " + header.PayloadBytes + " bytes, the collector takes "
                    + _session.MaxFrameBytes);
                return false;
            }
            if (error != 0)
            {
                throw WireFault.Of(error, "a frame of the game's");
            }
            return true;
        }

        private bool SendLive(HeldFrame frame, out bool isTaken)
        {
            isTaken = false; // also when a handler throws within Pump
            Pump(); // an acknowledgement may have made room
            if (State == SenderState.Closed || !IsFit(frame.Header))
            {
                return false;
            }
            isTaken = true;
            frame.Header.Sequence = ++_sequence;
            if (_session.TrySendAtOnce(frame, _filler.Planes))
            {
                return true;
            }
            Counters.Dropped += _outbox.Wait(frame) ? 1 : 0;
            return false;
        }

        private bool TryKeep(HeldFrame frame, int timeoutMs, out long deadlineMs)
        {
            deadlineMs = _clock.NowMs + timeoutMs;
            Pump();
            while (!_session.HasRoom(frame.Header.PayloadBytes))
            {
                if (!TryWait(deadlineMs))
                {
                    return false;
                }
            }
            if (State == SenderState.Closed || !IsFit(frame.Header))
            {
                return false; // a WELCOME or a handler came in between
            }
            frame.Header.Sequence = ++_sequence;
            _session.Store(frame, _filler.Planes);
            _outbox.Keep(frame);
            _session.Push();
            return true;
        }

        private bool TryFinish(long deadlineMs)
        {
            while (_outbox.Unfinished > 0)
            {
                if (!TryWait(deadlineMs))
                {
                    return false;
                }
            }
            return true;
        }

        private bool TryWait(long deadlineMs)
        {
            long now = _clock.NowMs;
            if (State == SenderState.Refused || State == SenderState.Closed || now >= deadlineMs)
            {
                return false;
            }
            _talk.Nudge(NudgeMs);
            _link.Wait((int)Math.Min(WaitMs, deadlineMs - now));
            Counters.BlockedMs += _clock.NowMs - now;
            Pump();
            return true;
        }
    }
}
