using System.Runtime.CompilerServices;

namespace Stylebridge
{
    /// <summary>Bilinear resizing row by row from the top, columns before rows, with two source rows in hand.</summary>
    internal sealed class RowResizer
    {
        private readonly ResizeTaps _columns;
        private readonly ResizeTaps _rows;
        private readonly float[] _blend;
        private float[] _upper;
        private float[] _lower;
        private int _upperRow;
        private int _lowerRow;

        internal RowResizer(int width, int height, int targetWidth, int targetHeight)
        {
            _columns = new ResizeTaps(width, targetWidth);
            _rows = new ResizeTaps(height, targetHeight);
            _blend = new float[targetWidth];
            _upper = new float[targetWidth];
            _lower = new float[targetWidth];
            Restart();
        }

        /// <summary>Forgets the rows in hand, for the next plane.</summary>
        internal void Restart()
        {
            _upperRow = _lowerRow = -1;
        }

        /// <summary>The source row to push next before this target row can be made; false when it can.</summary>
        internal bool TryNeededRow(int target, out int row)
        {
            bool hasLow = _lowerRow == _rows.Low[target] || _upperRow == _rows.Low[target];
            row = hasLow ? _rows.High[target] : _rows.Low[target];
            return !hasLow || (_lowerRow != row && _upperRow != row);
        }

        /// <summary>Takes a source row; the older of the two in hand goes.</summary>
        internal void Push(int row, float[] line)
        {
            float[] free = _upper;
            _upper = _lower;
            _upperRow = _lowerRow;
            _lower = free;
            _lowerRow = row;
            int[] lowAt = _columns.Low;
            int[] highAt = _columns.High;
            float[] part = _columns.Part;
            for (int x = 0; x < free.Length; x++)
            {
                free[x] = Between(line[lowAt[x]], line[highAt[x]], part[x]);
            }
        }

        /// <summary>The target row; valid until the next call.</summary>
        internal float[] Blend(int target)
        {
            float[] low = _lowerRow == _rows.Low[target] ? _lower : _upper;
            float[] high = _lowerRow == _rows.High[target] ? _lower : _upper;
            float part = _rows.Part[target];
            float[] blend = _blend;
            for (int x = 0; x < blend.Length; x++)
            {
                blend[x] = Between(low[x], high[x], part);
            }
            return blend;
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private static float Between(float low, float high, float part)
        {
            float step = (float)(high - low);
            float way = (float)(step * part);
            return (float)(low + way);
        }
    }
}
