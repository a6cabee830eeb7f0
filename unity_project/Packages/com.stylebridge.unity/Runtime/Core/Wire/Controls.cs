using System;
using System.Collections.Generic;

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
                JsonValue result = handler(ControlArguments.Check(question.Name, question.Args));
                var answer = new AnswerMessage
                {
                    Answer = question.Id,
                    Ok = true,
                    Result = result ?? JsonValue.NewObject(),
                };
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

        /// <summary>A question to be sent; its answer is given to <c>then</c>, a made-up one when none comes.</summary>
        internal QuestionMessage Ask(string name, JsonValue args, Action<AnswerMessage> then, long deadlineMs)
        {
            if (_questions.Count == MaxQuestions)
            {
                throw new StylebridgeException(MaxQuestions + " questions without an answer", "fewer at once");
            }
            var question = new QuestionMessage { Id = ++_lastId, Name = name, Args = args ?? JsonValue.NewObject() };
            _questions.Add(new Question { Id = question.Id, Then = then, DeadlineMs = deadlineMs });
            return question;
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
                if (nowMs >= _questions[i].DeadlineMs)
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
                Says = says.Length <= MaxSays ? says : says.Substring(0, MaxSays),
            };
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
