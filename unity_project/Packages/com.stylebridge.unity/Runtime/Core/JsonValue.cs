using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;

namespace Stylebridge
{
    /// <summary>One JSON value, read from bytes or put together for writing.</summary>
    public sealed class JsonValue
    {
        private readonly List<JsonValue> _items;
        private readonly List<string> _names;
        private readonly Dictionary<string, int> _index;
        private readonly string _text;
        private readonly double _number;
        private readonly ulong _magnitude;
        private readonly bool _isNegative;
        private readonly bool _flag;

        private JsonValue(JsonKind kind, int offset)
        {
            Kind = kind;
            Offset = offset;
            if (kind == JsonKind.Array || kind == JsonKind.Object)
            {
                _items = new List<JsonValue>();
            }
            if (kind == JsonKind.Object)
            {
                _names = new List<string>();
                _index = new Dictionary<string, int>(StringComparer.Ordinal);
            }
        }

        private JsonValue(bool flag, int offset)
            : this(JsonKind.Bool, offset)
        {
            _flag = flag;
        }

        private JsonValue(string text, int offset)
            : this(JsonKind.String, offset)
        {
            _text = text;
        }

        private JsonValue(double number, int offset)
            : this(JsonKind.Number, offset)
        {
            _number = number;
        }

        private JsonValue(ulong magnitude, bool isNegative, int offset)
            : this(JsonKind.Number, offset)
        {
            _magnitude = magnitude;
            _isNegative = isNegative;
            _number = isNegative ? -(double)magnitude : magnitude;
            IsInteger = true;
        }

        /// <summary>What the value is.</summary>
        public JsonKind Kind { get; }

        /// <summary>The byte at which the value starts in what was read; -1 when it wasn't read.</summary>
        public int Offset { get; }

        /// <summary>Whether the value is a number without fraction and exponent that fits 64 bits.</summary>
        public bool IsInteger { get; }

        /// <summary>Whether the value is null.</summary>
        public bool IsNull
        {
            get { return Kind == JsonKind.Null; }
        }

        /// <summary>How many values an array or an object holds; 0 for anything else.</summary>
        public int Count
        {
            get { return _items == null ? 0 : _items.Count; }
        }

        /// <summary>The value at a place of an array or an object.</summary>
        public JsonValue this[int place]
        {
            get { return _items[place]; }
        }

        /// <summary>A null.</summary>
        public static JsonValue NewNull()
        {
            return NewNull(-1);
        }

        /// <summary>An empty array to add to.</summary>
        public static JsonValue NewArray()
        {
            return NewArray(-1);
        }

        /// <summary>An empty object to set names in.</summary>
        public static JsonValue NewObject()
        {
            return NewObject(-1);
        }

        /// <summary>True or false.</summary>
        public static JsonValue Of(bool flag)
        {
            return Of(flag, -1);
        }

        /// <summary>A signed integer, kept exactly.</summary>
        public static JsonValue Of(long number)
        {
            // The magnitude of the smallest long has no positive long.
            ulong magnitude = number < 0 ? (ulong)(-(number + 1)) + 1 : (ulong)number;
            return Of(magnitude, number < 0, -1);
        }

        /// <summary>An unsigned integer, kept exactly.</summary>
        public static JsonValue Of(ulong number)
        {
            return Of(number, false, -1);
        }

        /// <summary>A float64, written so that it is read back to the last bit.</summary>
        public static JsonValue Of(double number)
        {
            if (double.IsNaN(number) || double.IsInfinity(number))
            {
                throw new StylebridgeException("a NaN or infinite number for JSON", "a finite number");
            }
            return Of(number, -1);
        }

        /// <summary>Text; a missing one becomes null.</summary>
        public static JsonValue Of(string text)
        {
            return text == null ? NewNull() : Of(text, -1);
        }

        /// <summary>Appends to an array and returns the array.</summary>
        public JsonValue Add(JsonValue item)
        {
            Demand(JsonKind.Array);
            _items.Add(item ?? NewNull());
            return this;
        }

        /// <summary>Gives an object one more name and returns the object; a name can be set once.</summary>
        public JsonValue Set(string name, JsonValue item)
        {
            Demand(JsonKind.Object);
            if (!TrySet(name, item ?? NewNull()))
            {
                throw new StylebridgeException(
                    "the name " + StylebridgeException.Quote(name) + " twice in one object", "each name once");
            }
            return this;
        }

        /// <summary>The name at a place of an object.</summary>
        public string NameAt(int place)
        {
            Demand(JsonKind.Object);
            return _names[place];
        }

        /// <summary>The value of a name, when this is an object that has it.</summary>
        public bool TryGet(string name, out JsonValue item)
        {
            int place = 0;
            bool found = Kind == JsonKind.Object && _index.TryGetValue(name, out place);
            item = found ? _items[place] : null;
            return found;
        }

        /// <summary>The truth value, when this is one.</summary>
        public bool TryBool(out bool flag)
        {
            flag = _flag;
            return Kind == JsonKind.Bool;
        }

        /// <summary>The text, when this is text.</summary>
        public bool TryText(out string text)
        {
            text = _text;
            return Kind == JsonKind.String;
        }

        /// <summary>The number, when this is an integer that fits.</summary>
        public bool TryInt64(out long number)
        {
            bool fits = IsInteger && _magnitude <= (_isNegative ? 1UL << 63 : (ulong)long.MaxValue);
            number = fits ? (_isNegative ? unchecked(-(long)_magnitude) : (long)_magnitude) : 0;
            return fits;
        }

        /// <summary>The number, when this is an integer that fits.</summary>
        public bool TryUInt64(out ulong number)
        {
            bool fits = IsInteger && (!_isNegative || _magnitude == 0);
            number = fits ? _magnitude : 0;
            return fits;
        }

        /// <summary>The number as float64, when this is one that float64 can hold; 1e999 is not.</summary>
        public bool TryDouble(out double number)
        {
            number = _number;
            return Kind == JsonKind.Number && !double.IsInfinity(_number);
        }

        internal static JsonValue NewNull(int offset)
        {
            return new JsonValue(JsonKind.Null, offset);
        }

        internal static JsonValue NewArray(int offset)
        {
            return new JsonValue(JsonKind.Array, offset);
        }

        internal static JsonValue NewObject(int offset)
        {
            return new JsonValue(JsonKind.Object, offset);
        }

        internal static JsonValue Of(bool flag, int offset)
        {
            return new JsonValue(flag, offset);
        }

        internal static JsonValue Of(double number, int offset)
        {
            return new JsonValue(number, offset);
        }

        internal static JsonValue Of(string text, int offset)
        {
            return new JsonValue(text, offset);
        }

        internal static JsonValue Of(ulong magnitude, bool isNegative, int offset)
        {
            return new JsonValue(magnitude, isNegative, offset);
        }

        internal bool HasName(string name)
        {
            return _index.ContainsKey(name);
        }

        internal bool TrySet(string name, JsonValue item)
        {
            if (_index.ContainsKey(name))
            {
                return false;
            }
            _index.Add(name, _items.Count);
            _names.Add(name);
            _items.Add(item);
            return true;
        }

        internal void Replace(string name, JsonValue item)
        {
            _items[_index[name]] = item;
        }

        internal void AppendIntegerTo(StringBuilder target)
        {
            target.Append(_isNegative ? "-" : "");
            target.Append(_magnitude.ToString(CultureInfo.InvariantCulture));
        }

        private void Demand(JsonKind kind)
        {
            if (Kind != kind)
            {
                throw new StylebridgeException("a JSON " + Kind + " used as " + kind, kind.ToString());
            }
        }
    }
}
