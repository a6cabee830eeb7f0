using System;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Threading;
using Stylebridge.Wire;

namespace Stylebridge.Tests
{
    /// <summary>A game without an engine: streams frames whose pixels follow from their number.</summary>
    internal sealed unsafe class WireStream : IDisposable
    {
        private const int Factor = 7;
        private const int Inverse = 183; // of 7, modulo 256

        private readonly WireStreamOptions _options;
        private readonly LibZmqSockets _sockets = new LibZmqSockets();
        private readonly Sender _sender;
        private readonly FrameDescription _frame;
        private readonly PlaneData[] _planes = new PlaneData[1];
        private readonly ReplyFrame _reply = new ReplyFrame();
        private readonly double[] _tookMs;
        private readonly JsonValue _answers = JsonValue.NewObject();
        private readonly IntPtr _pattern;
        private readonly int _largest;
        private int _refused;
        private int _rightReplies;
        private int _wrongReplies;
        private int _unansweredQuestions;

        private WireStream(WireStreamOptions options)
        {
            _options = options;
            _sender = new Sender(options.Sender, _sockets, new WireClock());
            _largest = 2 * options.Width * options.Height * options.Channels;
            _tookMs = new double[options.Frames];
            _frame = new FrameDescription { Width = options.Width };
            _pattern = Marshal.AllocHGlobal(_largest + 256);
            var pattern = (byte*)_pattern;
            for (int i = 0; i < _largest + 256; i++)
            {
                pattern[i] = (byte)(i * Factor);
            }
        }

        /// <summary>Streams, prints one JSON line, and exits 0 when everything left in time.</summary>
        internal static int Run(string[] arguments)
        {
            using (var stream = new WireStream(WireStreamOptions.Parse(arguments)))
            {
                return stream.Stream();
            }
        }

        public void Dispose()
        {
            _sender.Dispose();
            _sockets.Dispose();
            Marshal.FreeHGlobal(_pattern);
        }

        private int Stream()
        {
            foreach (string name in _options.Obeyed)
            {
                _sender.Obey(name, Obey);
            }
            Connect();
            AskAll();
            WireLead lead = _options.IsLed ? new WireLead() : null;
            int garbageBefore = 0;
            var watch = Stopwatch.StartNew();
            for (int i = 0; i < _options.Frames; i++)
            {
                if (lead != null && !lead.TryTake(_sender.Pump))
                {
                    break;
                }
                garbageBefore = i == _options.Frames / 2 ? GC.CollectionCount(0) : garbageBefore;
                Give(i);
                if (_options.Tells)
                {
                    Tell("gave " + i);
                }
                Pace(watch, i);
            }
            int garbage = GC.CollectionCount(0) - garbageBefore;
            double seconds = watch.Elapsed.TotalSeconds;
            for (int i = 0; i < 1000 && _unansweredQuestions > 0; i++)
            {
                _sender.Pump();
                Thread.Sleep(1);
            }
            TakeReplies();
            bool isSafe = _sender.Close(_options.TimeoutMs);
            TakeReplies();
            Print(isSafe, seconds, garbage);
            return isSafe && _refused == 0 ? 0 : 1;
        }

        private void Connect()
        {
            var watch = Stopwatch.StartNew();
            while (_sender.State == SenderState.Connecting && watch.ElapsedMilliseconds < _options.TimeoutMs)
            {
                _sender.Pump();
                Thread.Sleep(1);
            }
            Tell("state " + _sender.State);
        }

        private void AskAll()
        {
            foreach (string name in _options.Asked)
            {
                _unansweredQuestions++;
                _sender.TryAsk(name, null, answer => TakeAnswer(name, answer), _options.TimeoutMs);
            }
        }

        private void TakeAnswer(string name, AnswerMessage answer)
        {
            _unansweredQuestions--;
            _answers.Set(name, answer.Write());
        }

        private static JsonValue Obey(JsonValue args)
        {
            return args.TryGet("fail", out _)
                ? throw new InvalidOperationException("as asked")
                : JsonValue.NewObject().Set("args", args);
        }

        private void Give(int number)
        {
            int shift = ((number * 13 + _options.Seed) * Inverse) & 255;
            bool isGrown = _options.GrowsAt > 0 && number >= _options.GrowsAt;
            _frame.Camera = _options.Cameras[number % _options.Cameras.Count];
            _frame.Height = isGrown ? 2 * _options.Height : _options.Height;
            _frame.FrameId = (ulong)number;
            _frame.SimulationS = number / 60.0;
            _planes[0] = PlaneData.From(
                WirePlane.Color, WireDtype.U8, _options.Channels, _options.Width, _pattern + shift, _largest);
            long before = Stopwatch.GetTimestamp();
            bool isSent = _sender.TrySend(_frame, _planes, 1, _options.TimeoutMs);
            _tookMs[number] = (Stopwatch.GetTimestamp() - before) * 1000.0 / Stopwatch.Frequency;
            _refused += isSent || _options.Sender.Flow == WireFlow.Live ? 0 : 1;
            TakeReplies();
        }

        private void TakeReplies()
        {
            while (_sender.TryTakeReply(_reply))
            {
                bool isRight = IsRight(_reply);
                _rightReplies += isRight ? 1 : 0;
                _wrongReplies += isRight ? 0 : 1;
            }
        }

        /// <summary>Whether a frame that came back is the negative of the one that was sent.</summary>
        private bool IsRight(ReplyFrame reply)
        {
            int place = reply.Find(WirePlane.Color);
            if (place < 0)
            {
                return false;
            }
            long size = reply.Header.Planes[place].UnpackedBytes(reply.Header.Height);
            int shift = (int)reply.Header.FrameId * 13 + _options.Seed;
            byte[] pixels = reply.Plane(place);
            for (int i = 0; i < size; i++)
            {
                if (pixels[i] != (byte)(255 - (byte)(i * Factor + shift)))
                {
                    return false;
                }
            }
            return true;
        }

        private void Pace(Stopwatch watch, int number)
        {
            double due = _options.Fps > 0 ? (number + 1) / _options.Fps : 0;
            while (watch.Elapsed.TotalSeconds < due)
            {
                _sender.Pump();
                TakeReplies();
                Thread.Sleep(1);
            }
        }

        private void Tell(string line)
        {
            if (_options.Tells)
            {
                Console.WriteLine(line);
                Console.Out.Flush();
            }
        }

        private void Print(bool isSafe, double seconds, int garbage)
        {
            Array.Sort(_tookMs);
            int count = _tookMs.Length;
            JsonValue timing = JsonValue.NewObject()
                .Set("p50_ms", JsonValue.Of(_tookMs[count / 2]))
                .Set("p99_ms", JsonValue.Of(_tookMs[count * 99 / 100]))
                .Set("max_ms", JsonValue.Of(_tookMs[count - 1]));
            JsonValue report = JsonValue.NewObject()
                .Set("safe", JsonValue.Of(isSafe))
                .Set("session", JsonValue.Of(_sender.Session.ToString()))
                .Set("counters", _sender.Counters.ToJson())
                .Set("timing", timing)
                .Set("seconds", JsonValue.Of(seconds))
                .Set("collections", JsonValue.Of((long)garbage))
                .Set("right_replies", JsonValue.Of((long)_rightReplies))
                .Set("wrong_replies", JsonValue.Of((long)_wrongReplies))
                .Set("answers", _answers)
                .Set("inline_because", JsonValue.Of(_sender.InlineBecause))
                .Set("last_fault", JsonValue.Of(_sender.LastFault));
            Console.WriteLine(Json.TextFrom(report));
        }
    }
}
