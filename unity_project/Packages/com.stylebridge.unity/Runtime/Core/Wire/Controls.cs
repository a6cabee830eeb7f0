using System;
using System.Collections.Generic;
using System.Text;

namespace Stylebridge.Wire
{
    /// <summary>Does what a control asks; gives an object with what came of it, or null.</summary>
    /// <remarks>A WireFault tells the asker its code; any other exception becomes control_failed.</remarks>
    public delegate JsonValue ControlHandler(JsonValue args);

    /// <summary>The controls that this side obeys, and the questions that it asked.</summary>
    internal sealed class Controls
    {
        private const int MaxSays = 1000;
        private const int MaxQuestions = 64;

        private readonly Dictionary<string, ControlHandler> _handlers =
            new Dictionary<string, ControlHandler>(StringComparer.Ordinal);

        private readonly List<Question> _questions = new List<Question>();
        private uint _lastId;

        internal string[] Names()
        {
            var names = new string[_handlers.Count];
            _handlers.Keys.CopyTo(names, 0);
            return names;
        }

        internal void Register(string name, ControlHandler handler)
        {
            _handlers[name] = handler;
        }

        /// <summary>Does what a question asks; whatever happens, there is an answer.</summary>
        internal AnswerMessage Answer(QuestionMessage question)
        {
            try
            {
                if (!_handlers.TryGetValue(question.Name, out ControlHandler handler))
                {
                    throw new WireFault(
                        WireError.UnknownControl, "control " + StylebridgeException.Quote(question.Name),
                        "one of: " + string.Join(", ", Names()));
                }
                JsonValue args = ControlArguments.Check(question.Name, question.Args);
                JsonValue result = handler(args) ?? JsonValue.NewObject();
                if (result.Kind != JsonKind.Object)
                {
                    throw new StylebridgeException("a control's result that is " + result.Kind, "an object");
                }
                var answer = new AnswerMessage { Answer = question.Id, Ok = true, Result = result };
                answer.Encode(); // a result that can't be sent shows here
                return answer;
            }
            catch (WireFault fault)
            {
                return Failed(question, fault.Error, fault.Message);
            }
            catch (Exception error)
            {
                // A handler's own fault must not take the game or its link down.
                return Failed(question, WireError.ControlFailed, error.GetType().Name + ": " + error.Message);
            }
        }

        /// <summary>A question to be sent.</summary>
        internal QuestionMessage Ask(string name, JsonValue args)
        {
            if (_questions.Count == MaxQuestions)
            {
                throw new StylebridgeException(MaxQuestions + " questions without an answer", "fewer at once");
            }
            return new QuestionMessage { Id = ++_lastId, Name = name, Args = args ?? JsonValue.NewObject() };
        }

        /// <summary>The question has left: its answer is given to <c>then</c>, a made-up one when none comes.</summary>
        internal void Await(Action<AnswerMessage> then, long deadlineMs)
        {
            _questions.Add(new Question { Id = _lastId, Then = then, DeadlineMs = deadlineMs });
        }

        internal void Settle(AnswerMessage answer)
        {
            int place = _questions.FindIndex(question => question.Id == answer.Answer);
            if (place >= 0)
            {
                Finish(place, answer);
            }
        }

        /// <summary>Gives up the questions that have waited long enough.</summary>
        internal void Expire(long nowMs)
        {
            for (int i = _questions.Count - 1; i >= 0; i--)
            {
                // What is told of one may have answered or given up others.
                if (i < _questions.Count && nowMs >= _questions[i].DeadlineMs)
                {
                    Finish(i, new AnswerMessage
                    {
                        Answer = _questions[i].Id,
                        Code = WireWords.WordFrom(WireError.Timeout),
                        Says = "no answer came",
                    });
                }
            }
        }

        private static AnswerMessage Failed(QuestionMessage question, WireError error, string says)
        {
            return new AnswerMessage
            {
                Answer = question.Id,
                Code = WireWords.WordFrom(error),
                Says = WholeCharacters(StylebridgeException.Cut(says, MaxSays)),
            };
        }

        /// <summary>A handler's message may hold anything; JSON takes no half of a surrogate pair.</summary>
        private static string WholeCharacters(string text)
        {
            return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
        }

        private void Finish(int place, AnswerMessage answer)
        {
            Action<AnswerMessage> then = _questions[place].Then;
            _questions.RemoveAt(place);
            then?.Invoke(answer);
        }

        private struct Question
        {
            internal uint Id;
            internal long DeadlineMs;
            internal Action<AnswerMessage> Then;
        }
    }
}
