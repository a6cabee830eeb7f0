using System;

namespace Stylebridge.Wire
{
    /// <summary>Keeps a session alive from HELLO to BYE, over as many links as it takes; never blocks.</summary>
    internal sealed class Conversation
    {
        private const int HelloMs = 1000;
        private const int UnsaidHelloMs = 50; // nobody is connected: a HELLO costs garbage, so not every frame
        private const int FirstTimeoutMs = 10000; // until a collector says its own
        private const int Burst = 1024; // messages per call, so that a flood can't hold the game

        private readonly WireLink _link;
        private readonly IWireClock _clock;
        private readonly IConversationOwner _owner;
        private readonly SenderCounters _counters;
        private long _nextHelloMs;
        private long _nextStatsMs;
        private int _opened; // the socket that HELLO was said on

        internal Conversation(WireLink link, IWireClock clock, IConversationOwner owner, SenderCounters counters)
        {
            _link = link;
            _clock = clock;
            _owner = owner;
            _counters = counters;
        }

        internal SenderState State { get; private set; }

        internal Controls Controls { get; } = new Controls();

        /// <summary>What went wrong last, for people.</summary>
        internal string LastFault { get; private set; } = "";

        /// <summary>What the newest WELCOME said, maybe on a link that has gone; null before the first.</summary>
        internal WelcomeMessage Welcome { get; private set; }

        internal void Pump()
        {
            if (State == SenderState.Closed)
            {
                return;
            }
            if (!TryOpen())
            {
                Controls.Expire(_clock.NowMs);
                return;
            }
            for (int i = 0; i < Burst && _link.TryReceive(); i++)
            {
                Take(_link.Inbox);
            }
            LookAfterLink();
            Controls.Expire(_clock.NowMs);
        }

        internal void Note(WireError error, string says)
        {
            _counters.Count(error);
            LastFault = says;
        }

        /// <summary>While the game waits, a PING finds out a restarted collector: it answers no_hello.</summary>
        internal void Nudge(int afterMs)
        {
            if (State == SenderState.Streaming && _clock.NowMs - _link.ToldMs > afterMs)
            {
                _link.TryPing();
            }
        }

        internal void Close(string why, int lingerMs)
        {
            if (State == SenderState.Streaming)
            {
                SayStats();
                _link.TrySend(new ByeMessage { Why = why });
            }
            State = SenderState.Closed;
            _link.Close(lingerMs);
        }

        /// <summary>A socket that failed may have been replaced since; the new one knows no session either.</summary>
        private bool TryOpen()
        {
            bool isOpen = _link.TryOpen();
            if (!isOpen || _link.Opened != _opened)
            {
                Lose(isOpen ? "the socket had to be made anew" : _link.Trouble, 0);
            }
            _opened = _link.Opened;
            return isOpen;
        }

        private void LookAfterLink()
        {
            if (State == SenderState.Closed)
            {
                return; // by a handler
            }
            long now = _clock.NowMs;
            int timeoutMs = Welcome == null ? FirstTimeoutMs : Welcome.TimeoutMs;
            if (State != SenderState.Refused && now - _link.HeardMs > timeoutMs)
            {
                _link.Close(0);
                Lose("the collector fell silent", 0);
                if (!TryOpen())
                {
                    return;
                }
            }
            if (State == SenderState.Connecting && now >= _nextHelloMs)
            {
                bool isSaid = _link.TrySend(_owner.Hello(Welcome != null));
                _nextHelloMs = now + (isSaid ? HelloMs : UnsaidHelloMs);
            }
            if (State == SenderState.Streaming)
            {
                Beat(now);
            }
        }

        private void Beat(long now)
        {
            bool isDue = now - _link.ToldMs >= Welcome.HeartbeatMs;
            if (now >= _nextStatsMs)
            {
                _nextStatsMs = now + Welcome.HeartbeatMs;
                SayStats();
            }
            if (isDue)
            {
                _link.TryPing();
            }
        }

        private void SayStats()
        {
            _link.TrySend(new StatsMessage { Counters = _counters.ToJson() });
        }

        private void Lose(string why, int waitMs)
        {
            if (State == SenderState.Streaming)
            {
                State = SenderState.Connecting;
                _counters.LinksLost++;
                LastFault = why;
            }
            _nextHelloMs = _clock.NowMs + waitMs;
        }

        private void Take(WireMessage message)
        {
            WireError error = WireError.BadParts;
            bool isRead = message.IsWhole && message.Count > 0;
            WireKind kind = 0;
            if (isRead && WirePrefix.TryRead(message.Part(0), message.Length(0), out kind, out _, out error))
            {
                error = kind != WireKind.Frame && message.Count > 1 ? WireError.BadParts : 0;
            }
            if (error == 0)
            {
                error = TakeKind(kind, message);
            }
            if (error != 0)
            {
                Note(error, "a message from the collector refused with " + WireWords.WordFrom(error));
            }
        }

        private WireError TakeKind(WireKind kind, WireMessage message)
        {
            byte[] part = message.Part(0);
            int length = message.Length(0);
            WireError error = 0;
            switch (kind)
            {
                case WireKind.Frame:
                    if (State == SenderState.Streaming)
                    {
                        _owner.OnReply(message);
                    }
                    break;
                case WireKind.Ack:
                    // One that comes while there is no link is of the link before.
                    if (Ack.TryDecode(part, length, out Ack ack, out error) && State == SenderState.Streaming)
                    {
                        _owner.OnAck(ref ack);
                    }
                    break;
                case WireKind.Ping:
                    if (Ping.TryDecode(part, length, out ulong sentNs, out error))
                    {
                        _link.TryPong(sentNs);
                    }
                    break;
                case WireKind.Pong:
                    if (Ping.TryDecodeAnswer(part, length, out ulong askedNs, out _, out error))
                    {
                        _counters.RoundTripMs = (long)(_clock.WallNs - askedNs) / 1e6;
                    }
                    break;
                default:
                    return TakeJson(part, length);
            }
            return error;
        }

        private WireError TakeJson(byte[] part, int length)
        {
            JsonMessage message;
            try
            {
                message = JsonMessage.Decode(part, length);
            }
            catch (WireFault fault)
            {
                return fault.Error;
            }
            return TakeMessage(message); // what the game's own handlers throw is not the collector's fault
        }

        private WireError TakeMessage(JsonMessage message)
        {
            switch (message.Kind)
            {
                case WireKind.Welcome:
                    Enter((WelcomeMessage)message);
                    break;
                case WireKind.Error:
                    Complain((ErrorMessage)message);
                    break;
                case WireKind.Lane:
                    _owner.OnLane((LaneMessage)message);
                    break;
                case WireKind.Bye:
                    Lose("the collector left: " + ((ByeMessage)message).Why, HelloMs);
                    break;
                case WireKind.Control:
                    var question = message as QuestionMessage;
                    if (question != null)
                    {
                        _link.TrySend(Controls.Answer(question));
                    }
                    else
                    {
                        Controls.Settle((AnswerMessage)message);
                    }
                    break;
                default:
                    return WireError.BadKind;
            }
            return 0;
        }

        private void Enter(WelcomeMessage welcome)
        {
            if (State != SenderState.Connecting)
            {
                return; // an answer to a HELLO that was said twice
            }
            if (!welcome.Session.Equals(_owner.Hello(false).Session))
            {
                Note(WireError.BadSession, "a WELCOME for another session");
                return;
            }
            Welcome = welcome;
            State = SenderState.Streaming;
            _counters.Links++;
            _nextStatsMs = _clock.NowMs + welcome.HeartbeatMs;
            _owner.OnWelcome(welcome);
        }

        private void Complain(ErrorMessage message)
        {
            if (!WireWords.TryParse(message.Code, out WireError error))
            {
                error = WireError.BadMessage;
            }
            string says = "the collector says: " + message.Says + " (step: " + message.Step + ")";
            Note(error, says);
            switch (Complaints.Weigh(message, error, State == SenderState.Streaming))
            {
                case Complaint.HelloNow:
                    Lose(says, 0);
                    break;
                case Complaint.HelloLater:
                    Lose(says, HelloMs);
                    break;
                case Complaint.Refusal:
                    State = State == SenderState.Closed ? State : SenderState.Refused;
                    break;
            }
        }
    }
}
