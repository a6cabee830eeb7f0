using System;

namespace Stylebridge.Wire
{
    /// <summary>Keeps a session alive from HELLO to BYE, over as many links as it takes; never blocks.</summary>
    internal sealed class Conversation
    {
        private const int HelloMs = 1000;
        private const int FirstTimeoutMs = 10000; // until a collector says its own
        private const int Burst = 1024; // messages per call, so that a flood can't hold the game

        private readonly WireLink _link;
        private readonly IWireClock _clock;
        private readonly IConversationOwner _owner;
        private readonly SenderCounters _counters;
        private WelcomeMessage _welcome;
        private long _nextHelloMs;
        private long _nextStatsMs;

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
        internal WelcomeMessage Welcome
        {
            get { return _welcome; }
        }

        internal void Pump()
        {
            if (State == SenderState.Closed)
            {
                return;
            }
            if (!_link.TryOpen())
            {
                Lose(_link.Trouble, 0);
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
                _link.TrySend(new ByeMessage { Why = why });
            }
            State = SenderState.Closed;
            _link.Close(lingerMs);
        }

        private void LookAfterLink()
        {
            long now = _clock.NowMs;
            int timeoutMs = _welcome == null ? FirstTimeoutMs : _welcome.TimeoutMs;
            if (State != SenderState.Refused && now - _link.HeardMs > timeoutMs)
            {
                _link.Close(0);
                Lose("the collector fell silent", 0);
                if (!_link.TryOpen())
                {
                    return;
                }
            }
            if (State == SenderState.Connecting && now >= _nextHelloMs)
            {
                bool isSaid = _link.TrySend(_owner.Hello(_welcome != null));
                _nextHelloMs = isSaid ? now + HelloMs : now;
            }
            if (State == SenderState.Streaming)
            {
                Beat(now);
            }
        }

        private void Beat(long now)
        {
            bool isDue = now - _link.ToldMs >= _welcome.HeartbeatMs;
            if (now >= _nextStatsMs)
            {
                _nextStatsMs = now + _welcome.HeartbeatMs;
                _link.TrySend(new StatsMessage { Counters = _counters.ToJson() });
            }
            if (isDue)
            {
                _link.TryPing();
            }
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
            try
            {
                TakeMessage(JsonMessage.Decode(part, length));
                return 0;
            }
            catch (WireFault fault)
            {
                return fault.Error;
            }
            catch (StylebridgeException)
            {
                return WireError.BadMessage;
            }
        }

        private void TakeMessage(JsonMessage message)
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
                    throw WireFault.Of(WireError.BadKind, "a " + message.Kind + " from a collector");
            }
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
            _welcome = welcome;
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
            switch (error)
            {
                case WireError.NoHello:
                    Lose(says, 0);
                    break;
                case WireError.PeersFull:
                case WireError.Closing:
                    Lose(says, HelloMs); // taken in later, or by the next collector
                    break;
                case WireError.Flood:
                    Lose(says, HelloMs); // the link is forgotten, the session is not
                    break;
                default:
                    Heed(message, says);
                    break;
            }
        }

        private void Heed(ErrorMessage message, string says)
        {
            if (message.Fatal && State == SenderState.Streaming && message.Step == "hello")
            {
                Lose(says, 0); // the link was welcomed, so this comes from one that doesn't know it any more
            }
            else if (message.Fatal && State != SenderState.Closed)
            {
                State = SenderState.Refused;
            }
        }
    }
}
